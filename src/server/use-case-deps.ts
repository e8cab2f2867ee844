import type { AdminDeps } from '../admin/admin-deps.js';
import { AuditWriter } from '../admin/audit/audit-writer.js';
import { ScryptPasswords } from '../admin/people/password-hashing.js';
import type { Config } from '../config/config.js';
import { ObservedIssuers } from '../connect/consent/observed-issuers.js';
import { WatchedLeases } from '../connect/leases.js';
import { AccessTokens } from '../connect/tokens/access-tokens.js';
import type { Meter } from '../domain/meter.js';
import type { Stores } from '../store/stores.js';
import { isGone } from './peers.js';

/** Time, randomness, and where to write what happened. */
type System = Pick<AdminDeps, 'clock' | 'digest' | 'entropy' | 'journal' | 'meter' | 'peers'> & {
  readonly meter: Pick<Meter, 'audited'>;
};

/** What calls other servers, as far as use cases do. */
type Calls = Pick<
  AdminDeps,
  'authorizer' | 'caches' | 'discovery' | 'idTokens' | 'identityProvider' | 'probe' | 'upstream'
>;

/** What a process has opened, and serves by. */
interface Opened extends Pick<AdminDeps, 'directory' | 'inForce' | 'limits'> {
  readonly config: Pick<Config, 'gadgetOrigin' | 'siteOrigin'>;
  readonly stores: Stores;
  /** In place of one by the clock of the system. */
  readonly audit?: AuditWriter;
}

/** What every use case is called with: the same for a server, for a command, and for a test. */
export const useCaseDeps = <OwnSystem extends System, OwnCalls extends Calls>(
  system: OwnSystem,
  calls: OwnCalls,
  { config, ...opened }: Opened,
) => {
  const { stores, audit = new AuditWriter(stores.audit, system) } = opened;
  const { gadgetOrigin, siteOrigin } = config;
  const observedIssuers = new ObservedIssuers({ ...system, audit, stores });
  const leases = new WatchedLeases(system.clock);
  const deps = { ...system, ...calls, ...opened, audit, leases, observedIssuers, gadgetOrigin, siteOrigin };
  return { ...deps, access: new AccessTokens(deps), passwords: new ScryptPasswords(), isGone };
};
