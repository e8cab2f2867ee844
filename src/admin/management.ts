import type { Gadget } from '../domain/gadget.js';
import type { ApiKeys } from './api-keys/use-cases.js';
import type { AuditTrail } from './audit/use-cases.js';
import type { Departures } from './connections/departures.js';
import type { Refreshing } from './connections/refresh-trouble.js';
import type { ConnectionAdmin } from './connections/use-cases.js';
import type { Previews } from './gadgets/previews.js';
import type { HostSecrets } from './hosts/host-secrets.js';
import type { WriteSnippets } from './hosts/write-snippets.js';
import type { KeyRotation } from './keys/key-rotation.js';
import type { RotationUnderWay } from './keys/rotation-under-way.js';
import type { Overview } from './overview/use-cases.js';
import type { Administrators } from './people/administrators.js';
import type { SignIn } from './people/sign-in.js';
import type { ProviderTests } from './providers/provider-tests.js';
import type { Records } from './records/record-types.js';
import type { Backups } from './server/backups.js';
import type { Configuration } from './server/reloading.js';

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
