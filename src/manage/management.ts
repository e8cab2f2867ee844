import type { Gadget } from '../domain/gadget.js';
import type { AuditTrail } from './audit/audit-log.js';
import type { ConnectionAdmin } from './connections/connections.js';
import type { Departures } from './connections/departures.js';
import type { Refreshing } from './connections/refresh-trouble.js';
import type { ProviderTests } from './dry-run/provider-tests.js';
import type { Overview } from './overview/overview.js';
import type { Administrators } from './people/admins.js';
import type { ApiKeys } from './people/api-keys.js';
import type { SignIn } from './people/sign-in.js';
import type { Previews } from './previews.js';
import type { HostSecrets } from './records/host-secrets.js';
import type { Records } from './records/records.js';
import type { Backups } from './server/backups.js';
import type { KeyRotation } from './server/key-rotation.js';
import type { Configuration } from './server/reloading.js';
import type { RotationUnderWay } from './server/rotation-under-way.js';
import type { WriteSnippets } from './snippets/write-snippets.js';

/**
 * Everything an administrator can do, whichever way they come: the console, the command line and the administration API call the
 * same stories, so that none of them can do what another cannot.
 */
export interface Management {
  /** The gadgets on disk, by title. */
  readonly gadgets: () => readonly Gadget[];
  readonly backups: Backups;
  readonly administrators: Administrators;
  readonly apiKeys: ApiKeys;
  readonly signIn: SignIn;
  readonly audit: AuditTrail;
  readonly keyRotation: KeyRotation;
  readonly rotation: RotationUnderWay;
  readonly departures: Departures;
  readonly records: Records;
  readonly hostSecrets: HostSecrets;
  readonly tests: ProviderTests;
  readonly configuration: Configuration;
  readonly connections: ConnectionAdmin;
  readonly refreshing: Refreshing;
  readonly previews: Previews;
  readonly snippets: WriteSnippets;
  readonly overview: () => Promise<Overview>;
}
