import type { FileEntries, ReadEntries } from '../config/read-entries.js';
import type { ConnectDeps } from '../connect/connect-deps.js';
import type { AccessTokens } from '../connect/tokens/access-tokens.js';
import type { IdentityProvider, Passwords } from '../domain/administrator-sign-in.js';
import type { Fault } from '../domain/fault.js';
import type { Authorizer } from '../providers/authorizer.js';
import type { Discovery } from '../providers/discovery.js';
import type { Probe } from '../providers/probe.js';

/** The providers and hosts that this process serves by, of file and store together. */
export interface InForce {
  /** What the file declared when it was last read. */
  file(): FileEntries;
  /** CIDR: the private addresses that the file lets records choose within. */
  bound(): readonly string[];
  /** Reads entries as the file would be read, the gadgets on disk known. */
  readonly read: ReadEntries;
  /** Mistakes in records of the store, which are left out because of them. */
  faults(): readonly Fault[];
  /** Reads again what the store holds. Resolves when it is in force, and discovery was tried once. */
  refresh(): Promise<void>;
}

/**
 * What the use cases of the console are called with: made once for the process, by `useCaseDeps`. Every use case names
 * the few of these that it needs, see `Deps`.
 */
export interface AdminDeps extends ConnectDeps {
  readonly gadgetOrigin: string;
  readonly inForce: InForce;
  readonly passwords: Passwords;
  /** Null where no one signs in by OpenID Connect. */
  readonly identityProvider: IdentityProvider | null;
  readonly authorizer: Pick<Authorizer, keyof Authorizer>;
  readonly probe: Pick<Probe, keyof Probe>;
  readonly discovery: Pick<Discovery, 'complete'>;
  /** The one source of access tokens in this process: it refreshes each token once, however many ask. */
  readonly access: Pick<AccessTokens, 'fresh'>;
  /** Whether this server certainly no longer runs: it ran on this machine, and its process is gone. */
  readonly isGone: (server: string) => boolean;
}

/** Some of the deps, and of the stores only those that are named second. */
export type Deps<
  Services extends Exclude<keyof AdminDeps, 'stores'>,
  Used extends keyof AdminDeps['stores'] = never,
> = Pick<AdminDeps, Services> &
  ([Used] extends [never] ? unknown : { readonly stores: Pick<AdminDeps['stores'], Used> });
