import { disconnection } from '../connect/disconnect.js';
import type { ConnectPorts } from '../connect/ports.js';
import { administrators } from '../manage/admins.js';
import { apiKeys } from '../manage/api-keys.js';
import { auditTrail } from '../manage/audit-log.js';
import { changingRecords } from '../manage/changing-records.js';
import { connectionAdmin } from '../manage/connections.js';
import { departures, startDeparture } from '../manage/departures.js';
import { keyRotation } from '../manage/key-rotation.js';
import { listingRecords } from '../manage/listing-records.js';
import type { Management } from '../manage/management.js';
import { overview } from '../manage/overview.js';
import type { ManagePorts } from '../manage/ports.js';
import type { RecordPorts } from '../manage/records.js';
import { refreshing } from '../manage/refresh-trouble.js';
import { configuration } from '../manage/reloading.js';
import { removingRecords } from '../manage/removing-records.js';
import { type SignInPorts, signIn } from '../manage/sign-in.js';
import { certificateEnd } from './certificate-end.js';
import type { Outgoing } from './outgoing.js';

/** All that the stories are bound to: the ports of staying in charge and of connecting, and the doors to the providers. */
export type ManagementWorld = ManagePorts & SignInPorts & RecordPorts & ConnectPorts & Outgoing;

/** The stories of staying in charge, bound to their ports. */
export const management = (world: ManagementWorld): Management => ({
  administrators: administrators(world),
  apiKeys: apiKeys(world),
  signIn: signIn(world),
  audit: auditTrail(world),
  keyRotation: keyRotation(world),
  departures: departures(world),
  records: { ...listingRecords(world), ...changingRecords(world), ...removingRecords(world) },
  configuration: configuration(world),
  connections: connectionAdmin({
    ...world,
    disconnect: disconnection(world),
    startDeparture: startDeparture(world),
  }),
  refreshing: refreshing({ ...world, records: listingRecords(world) }),
  overview: overview({ ...world, records: listingRecords(world), certificateEnd }),
});
