import type { LookupFunction } from 'node:net';
import type { Provider } from '../domain/provider.js';

/** Stands between a name and a socket: which addresses an authorization server may be called at. */
export interface AddressGuard {
  /** Resolves a name for `net.connect`; fails with an error of code `ADDRESS_REFUSED`. */
  readonly lookup: LookupFunction;
  /** Whether this URL cannot be called as it stands: in clear off this machine, or at a refused literal address. */
  refuses(url: URL): boolean;
}

/** The guard of each provider, by the address ranges its record allows. */
export type GuardFor = (provider: Pick<Provider, 'allowAddresses'>) => AddressGuard;
