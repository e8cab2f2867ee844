import { lookup as resolve } from 'node:dns';
import type { Socket } from 'node:net';
import { LRUCache } from 'lru-cache';
import type { buildConnector } from 'undici';
import { ANYWHERE, isCallable, isProtected, literalAddress } from '../domain/ip-addresses.js';
import type { Judge } from './address-judge.js';
import { AddressRefused } from './address-refused.js';
import { type Agents, guardedAgents } from './guarded-agents.js';
import { guardedConnector } from './guarded-connector.js';
import { isInternalName, isProxied, type OutgoingProxy } from './proxy.js';
import type { Reach } from './reach.js';
import { trusting } from './trust.js';
import { tunnel } from './tunnel.js';

/** Stands between a name and a socket. */
export interface Guard extends Judge {
  /** Connects for undici; `timeLimit` in milliseconds. */
  connector(timeLimit: number): buildConnector.connector;
  /** Connects for Node's own clients. */
  agents(timeLimit: number): Agents;
  /** The bare connection through the proxy that this URL is reached through; null where it is reached directly. */
  tunnel(url: URL, timeLimit: number): Promise<Socket> | null;
}

/** What of the settings a guard goes by. */
export interface Network {
  /** CIDR ranges that no record reaches beyond. */
  readonly bound: readonly string[];
  readonly proxy: OutgoingProxy | null;
}

const OPEN: Network = { bound: ANYWHERE, proxy: null };

/**
 * The guard of a provider that allows these ranges, as far as `bound` does too, and trusts these certificates beside the system's. Because the socket connects to the
 * very addresses that were judged, a name that changes its address between check and use (DNS rebinding) gains nothing.
 */
export const guard = (
  allow: readonly string[],
  certificates: readonly string[] = [],
  { bound, proxy }: Network = OPEN,
): Guard => {
  const admits = (address: string) => isCallable(address, allow) && isCallable(address, bound);
  const proxyFor = (url: URL): OutgoingProxy | null =>
    proxy !== null && isProxied(proxy, url) ? proxy : null;
  const judge: Judge = {
    admits,
    proxyFor,
    secureContext: trusting(certificates),
    refuses(url) {
      const literal = literalAddress(url.hostname);
      if (!isProtected(url) || (literal !== null && !admits(literal))) return true;
      return proxyFor(url) !== null && isInternalName(url.hostname);
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
  return {
    ...judge,
    connector: (timeLimit) => guardedConnector(judge, timeLimit),
    agents: (timeLimit) => guardedAgents(judge, timeLimit),
    tunnel(url, timeLimit) {
      const through = proxyFor(url);
      return through && tunnel(through, url, timeLimit);
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

/** One text for each network. It holds what the proxy wants to hear, and is told to no one. */
const networkKey = ({ bound, proxy }: Network): string =>
  JSON.stringify([bound, proxy?.origin, proxy?.authorization?.reveal(), proxy?.except]);

/**
 * The guard of each record, made once: to read all certificates that are trusted takes longer than a call. `network` gives the settings
 * in force.
 */
export const guards = (network: () => Network = () => OPEN, mostKept = MOST_KEPT): GuardFor => {
  const made = new LRUCache<string, Guard>({ max: mostKept });
  const key = ({ allowAddresses, certificates }: Reach): string =>
    JSON.stringify([allowAddresses, certificates, networkKey(network())]);
  const guardFor = (reach: Reach): Guard => {
    const name = key(reach);
    const known = made.get(name);
    if (known !== undefined) return known;
    const fresh = guard(reach.allowAddresses, reach.certificates, network());
    made.set(name, fresh);
    return fresh;
  };
  return Object.assign(guardFor, { key });
};
