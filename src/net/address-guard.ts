import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { LRUCache } from 'lru-cache';
import { buildConnector } from 'undici';
import { ANYWHERE, isCallable, isProtected, literalAddress } from '../domain/ip-addresses.js';
import { isInternalName, isProxied, type OutgoingProxy, tunnel } from './proxy.js';

/** A host name that leads to an address we do not call. Says nothing of the address itself: it may be shown to people. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';

  constructor(hostname: string) {
    super(`${hostname} leads to an address that may not be called`);
    this.name = 'AddressRefused';
  }
}

/** Which addresses may be reached beyond public ones, and whose certificates are believed beside the system's. */
export interface Reach {
  /** CIDR ranges. */
  readonly allowAddresses: readonly string[];
  /** PEM, one certificate each. */
  readonly certificates: readonly string[];
}

/** Says which addresses are called, and how they are reached. */
export interface Judge {
  /** Resolves a name for `net.connect`, and fails with `AddressRefused` when any of its addresses is refused. */
  readonly lookup: LookupFunction;
  /** Whether this URL cannot be called as it stands: in clear off this machine, or a refused literal address, for which no lookup happens. */
  refuses(url: URL): boolean;
  /** Whether a connected peer may be spoken to; the last look, after the connection is there. */
  admits(address: string): boolean;
  /** The proxy that this URL is reached through; null where it is reached directly. */
  proxyFor(url: URL): OutgoingProxy | null;
  /** Whose certificates are believed; undefined means those the system trusts. */
  readonly secureContext: tls.SecureContext | undefined;
}

interface SinceNode22 {
  getCACertificates?(kind: 'default'): readonly string[];
}

/** What Node trusts by itself; where it cannot tell (before 22.15), without what `NODE_EXTRA_CA_CERTS` names. */
const systemCertificates = (): readonly string[] => {
  const { getCACertificates }: typeof tls & SinceNode22 = tls;
  return getCACertificates?.('default') ?? tls.rootCertificates;
};

/**
 * What TLS trusts when it trusts these certificates (PEM) beside the system's; undefined where the system's are all. A server's own
 * certificate is enough, without the authority that signed it. Names and validity are checked as ever.
 */
export const trusting = (
  certificates: readonly string[],
  system: () => readonly string[] = systemCertificates,
): tls.SecureContext | undefined =>
  certificates.length === 0
    ? undefined
    : tls.createSecureContext({
        ca: [...system(), ...certificates],
        allowPartialTrustChain: true,
      });

/**
 * Connects for undici through a guard, which looks three times: at the URL, at what its name resolves to, and, whatever the two
 * let through, at the address that was reached. Through a proxy, which resolves the name, it looks at the URL alone. `timeout` in
 * milliseconds.
 */
export const guardedConnector = (guarded: Judge, timeout: number): buildConnector.connector => {
  const { lookup, secureContext } = guarded;
  const connect = buildConnector({
    lookup,
    timeout,
    allowH2: false,
    ...(secureContext !== undefined && { secureContext }),
  });
  return (options, callback) => {
    const url = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    if (guarded.refuses(url)) {
      return callback(new AddressRefused(options.hostname), null);
    }
    const through = guarded.proxyFor(url);
    if (through !== null) {
      tunnel(through, url, timeout).then(
        (httpSocket) => connect({ ...options, httpSocket }, callback),
        (error: Error) => callback(error, null),
      );
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      if (guarded.admits(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new AddressRefused(options.hostname), null);
    });
  };
};

/** What Node's own HTTP clients connect with, by protocol. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  /** Never asked for; it believes no more than the other. */
  readonly httpsAllowUnauthorized: HttpsAgent;
}

interface Wanted {
  readonly host?: string;
  readonly port?: string | number;
}

type Connected = (error: Error | null, socket?: Socket) => void;

const urlOf = (protocol: string, { host = 'localhost', port = '' }: Wanted): URL =>
  new URL(`${protocol}//${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`);

/** The last look, at the address that was reached. */
const watched = (socket: Socket, judge: Judge, hostname: string): Socket =>
  socket.once('connect', () => {
    if (!judge.admits(socket.remoteAddress ?? '')) socket.destroy(new AddressRefused(hostname));
  });

const opening =
  (protocol: 'http:' | 'https:', judge: Judge, timeLimit: number) =>
  (options: Wanted, done: Connected): Socket | undefined => {
    const url = urlOf(protocol, options);
    const { lookup, secureContext } = judge;
    const trust = secureContext === undefined ? {} : { secureContext };
    if (judge.refuses(url)) {
      done(new AddressRefused(url.hostname));
      return undefined;
    }
    const through = judge.proxyFor(url);
    if (through === null) {
      const given = { ...options, port: Number(options.port), lookup };
      const socket = protocol === 'http:' ? connectPlain(given) : tls.connect({ ...given, ...trust });
      return watched(socket, judge, url.hostname);
    }
    tunnel(through, url, timeLimit).then(
      (socket) => done(null, tls.connect({ ...options, port: Number(options.port), socket, ...trust })),
      done,
    );
    return undefined;
  };

/**
 * Agents behind a guard; `timeLimit`, in milliseconds, is for a proxy to answer. What they go by stays inside a function: simple-oauth2
 * copies its settings, and copied certificates would end the process.
 */
export const guardedAgents = (judge: Judge, timeLimit: number): Agents => {
  const http = Object.assign(new HttpAgent(), { createConnection: opening('http:', judge, timeLimit) });
  const https = Object.assign(new HttpsAgent(), { createConnection: opening('https:', judge, timeLimit) });
  return { http, https, httpsAllowUnauthorized: https };
};

/** Stands between a name and a socket: which addresses may be called, how they are reached, and whose certificates are believed there. */
export interface AddressGuard extends Judge {
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
): AddressGuard => {
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

/** How many records' guards, and kept connections, there are at once. Records change; what was made for a removed one is dropped as unused. */
export const MOST_KEPT = 100;

/** One text for each network. It holds the proxy's credentials, and must never be shown or logged. */
const networkKey = ({ bound, proxy }: Network): string =>
  JSON.stringify([bound, proxy?.origin, proxy?.authorization?.reveal(), proxy?.except]);

/**
 * The guard of each record as the settings in force have it, made once: to read all certificates that are trusted takes longer than a
 * call.
 */
export class AddressGuards {
  readonly #network: () => Network;
  readonly #made: LRUCache<string, AddressGuard>;
  /** By record: certificates are long, and every call asks. */
  readonly #keys = new WeakMap<Reach, { readonly of: Network; readonly key: string }>();

  /** `network` gives the settings in force. */
  constructor(network: () => Network = () => OPEN, mostKept = MOST_KEPT) {
    this.#network = network;
    this.#made = new LRUCache({ max: mostKept });
  }

  for(reach: Reach): AddressGuard {
    const name = this.key(reach);
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const fresh = guard(reach.allowAddresses, reach.certificates, this.#network());
    this.#made.set(name, fresh);
    return fresh;
  }

  /** A text that differs where the record or a setting says something else. */
  key(reach: Reach): string {
    const now = this.#network();
    const known = this.#keys.get(reach);
    if (known?.of === now) return known.key;
    const { allowAddresses, certificates } = reach;
    const fresh = JSON.stringify([allowAddresses, certificates, networkKey(now)]);
    this.#keys.set(reach, { of: now, key: fresh });
    return fresh;
  }
}
