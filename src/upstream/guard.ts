import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { isCallable, isProtected, literalAddress } from '../domain/addresses.js';
import type { Reach } from '../domain/probe.js';
import { trusting } from './trust.js';

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
  /** Whose certificates are believed; undefined means those the system trusts. */
  readonly secureContext: SecureContext | undefined;
}

/**
 * The guard of a provider that allows these ranges and trusts these certificates beside the system's. Because the socket connects to the
 * very addresses that were judged, a name that changes its address between check and use (DNS rebinding) gains nothing.
 */
export const guard = (allow: readonly string[], certificates: readonly string[] = []): Guard => {
  const admits = (address: string) => isCallable(address, allow);
  return {
    admits,
    secureContext: trusting(certificates),
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

/** One text for each way to be reached: records that share it may share what is made for it, and no others. */
export const reachKey = ({ allowAddresses, certificates }: Reach): string =>
  JSON.stringify([allowAddresses, certificates]);

/** How many records' guards, and kept connections, there are at once. Records change; what was made for one that is no more makes room. */
export const MOST_KEPT = 100;

/** The guard of each record, made once: to read all certificates that are trusted takes longer than a call. */
export const guards = (): ((reach: Reach) => Guard) => {
  const made = new LRUCache<string, Guard>({ max: MOST_KEPT });
  return (reach) => {
    const key = reachKey(reach);
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = guard(reach.allowAddresses, reach.certificates);
    made.set(key, fresh);
    return fresh;
  };
};
