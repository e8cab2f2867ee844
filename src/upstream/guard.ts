import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { ANYWHERE, isCallable, isProtected, literalAddress } from '../domain/addresses.js';
import type { Reach } from '../domain/probe.js';
import { trusting } from './trust.js';

/** A host name that leads to an address we do not call. Says nothing of the address itself: it may be shown to people. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(hostname: string) {
    super(`${hostname} leads to an address that may not be called`);
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
 * The guard of a provider that allows these ranges, as far as `bound` does too, and trusts these certificates beside the system's. Because the socket connects to the
 * very addresses that were judged, a name that changes its address between check and use (DNS rebinding) gains nothing.
 */
export const guard = (
  allow: readonly string[],
  certificates: readonly string[] = [],
  bound: readonly string[] = ANYWHERE,
): Guard => {
  const admits = (address: string) => isCallable(address, allow) && isCallable(address, bound);
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

/** How many records' guards, and kept connections, there are at once. Records change; what was made for one that is no more makes room. */
export const MOST_KEPT = 100;

/** The guard of a record as the settings in force have it, and a text that differs where one of them says another. */
export interface GuardFor {
  (reach: Reach): Guard;
  key(reach: Reach): string;
}

/**
 * The guard of each record, made once: to read all certificates that are trusted takes longer than a call. `bound` gives the ranges in
 * force that no record reaches beyond.
 */
export const guards = (bound: () => readonly string[] = () => ANYWHERE): GuardFor => {
  const made = new LRUCache<string, Guard>({ max: MOST_KEPT });
  const key = ({ allowAddresses, certificates }: Reach): string =>
    JSON.stringify([allowAddresses, certificates, bound()]);
  const guardFor = (reach: Reach): Guard => {
    const name = key(reach);
    const known = made.get(name);
    if (known !== undefined) return known;
    const fresh = guard(reach.allowAddresses, reach.certificates, bound());
    made.set(name, fresh);
    return fresh;
  };
  return Object.assign(guardFor, { key });
};
