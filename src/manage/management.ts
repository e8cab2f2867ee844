import type { Administrators } from './admins.js';
import type { ApiKeys } from './api-keys.js';
import type { AuditTrail } from './audit-log.js';
import type { ConnectionAdmin } from './connections.js';
import type { Departures } from './departures.js';
import type { KeyRotation } from './key-rotation.js';
import type { Overview } from './overview.js';
import type { Records } from './records.js';
import type { Refreshing } from './refresh-trouble.js';
import type { Configuration } from './reloading.js';
import type { SignIn } from './sign-in.js';

/**
 * Everything an administrator can do, whichever way they come: the console, the command line and the administration API call the
 * same stories, so that none of them can do what another cannot.
 */
export interface Management {
  readonly administrators: Administrators;
  readonly apiKeys: ApiKeys;
  readonly signIn: SignIn;
  readonly audit: AuditTrail;
  readonly keyRotation: KeyRotation;
  readonly departures: Departures;
  readonly records: Records;
  readonly configuration: Configuration;
  readonly connections: ConnectionAdmin;
  readonly refreshing: Refreshing;
  readonly overview: () => Promise<Overview>;
}
