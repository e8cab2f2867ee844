import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Reach } from '../domain/probe.js';

/**
 * Stands between a name and a socket: which addresses an authorization server may be called at, and whose
 * certificates are believed there.
 */
export interface AddressGuard {
  /** Resolves a name for `net.connect`; fails with an error of code `ADDRESS_REFUSED`. */
  readonly lookup: LookupFunction;
  /** Whether this URL cannot be called as it stands: in clear off this machine, or at a refused literal address. */
  refuses(url: URL): boolean;
  /** Whose certificates are believed; undefined means those the system trusts. */
  readonly secureContext: SecureContext | undefined;
}

/** The guard of each provider, by what its record allows and trusts. */
export type GuardFor = (reach: Reach) => AddressGuard;
