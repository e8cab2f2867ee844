import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isCallable, isProtected, literalAddress } from '../domain/addresses.js';

/** A host name that leads to an address we do not call. Says nothing of the address itself: it may be shown to people. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(hostname: string) {
    super(`${hostname} leads to an address that this provider may not be called at`);
    this.name = 'AddressRefused';
  }
}

/** Stands between a name and a socket. */
export interface Guard {
  /** Resolves a name for `net.connect`, and fails with `AddressRefused` when any of its addresses is refused. */
  readonly lookup: LookupFunction;
  /** Whether this URL cannot be called as it stands: in clear off this machine, or a refused literal address, for which no lookup happens. */
  refuses(url: URL): boolean;
  /** Whether a connected peer may be spoken to; the last look, after the connection is there. */
  admits(address: string): boolean;
}

/**
 * The guard of a provider that allows these ranges. Because the socket connects to the very addresses that were judged, a name
 * that changes its address between check and use (DNS rebinding) gains nothing.
 */
export const guard = (allow: readonly string[]): Guard => {
  const admits = (address: string) => isCallable(address, allow);
  return {
    admits,
    refuses(url) {
      const literal = literalAddress(url.hostname);
      return !isProtected(url) || (literal !== null && !admits(literal));
    },
    lookup(hostname, options, callback) {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, '');
        if (addresses.length === 0 || !addresses.every(({ address }) => admits(address))) {
          return callback(new AddressRefused(hostname), '');
        }
        if (options.all === true) return callback(null, addresses);
        const [first] = addresses;
        callback(null, first?.address ?? '', first?.family);
      });
    },
  };
};
