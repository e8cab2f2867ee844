import type { ConnectPorts } from '../connect/ports.js';
import { administrators } from '../manage/admins.js';
import { apiKeys } from '../manage/api-keys.js';
import { auditTrail } from '../manage/audit-log.js';
import { departures } from '../manage/departures.js';
import { keyRotation } from '../manage/key-rotation.js';
import type { Management } from '../manage/management.js';
import type { ManagePorts } from '../manage/ports.js';
import { type SignInPorts, signIn } from '../manage/sign-in.js';
import type { Outgoing } from './outgoing.js';

/** All that the stories are bound to: the ports of staying in charge and of connecting, and the doors to the providers. */
export type ManagementWorld = ManagePorts & SignInPorts & ConnectPorts & Outgoing;

/** The stories of staying in charge, bound to their ports. */
export const management = (world: ManagementWorld): Management => ({
  administrators: administrators(world),
  apiKeys: apiKeys(world),
  signIn: signIn(world),
  audit: auditTrail(world),
  keyRotation: keyRotation(world),
  departures: departures(world),
});
