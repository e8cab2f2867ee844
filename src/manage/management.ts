import type { Gadget } from '../domain/gadget.js';
import type { Administrators } from './admins.js';
import type { ApiKeys } from './api-keys.js';
import type { AuditTrail } from './audit-log.js';
import type { Backups } from './backups.js';
import type { ConnectionAdmin } from './connections.js';
import type { Departures } from './departures.js';
import type { ProviderTests } from './dry-run/provider-tests.js';
import type { KeyRotation } from './key-rotation.js';
import type { Overview } from './overview.js';
import type { Previews } from './previews.js';
import type { Records } from './records.js';
import type { Refreshing } from './refresh-trouble.js';
import type { Configuration } from './reloading.js';
import type { RotationUnderWay } from './rotation-under-way.js';
import type { SignIn } from './sign-in.js';
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
  readonly tests: ProviderTests;
  readonly configuration: Configuration;
  readonly connections: ConnectionAdmin;
  readonly refreshing: Refreshing;
  readonly previews: Previews;
  readonly snippets: WriteSnippets;
  readonly overview: () => Promise<Overview>;
}
