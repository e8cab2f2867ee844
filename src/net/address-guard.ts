import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import type { OutgoingProxy } from './proxy.js';
import type { Reach } from './reach.js';

/**
 * Stands between a name and a socket: which addresses an authorization server may be called at, and whose
 * certificates are believed there.
 */
export interface AddressGuard {
  /** Resolves a name for `net.connect`; fails with an error of code `ADDRESS_REFUSED`. */
  readonly lookup: LookupFunction;
  /** Whether this URL cannot be called as it stands: in clear off this machine, or at a refused literal address. */
  refuses(url: URL): boolean;
  /** The proxy that this URL is reached through; null where it is reached directly. */
  proxyFor(url: URL): Pick<OutgoingProxy, 'origin'> | null;
  /** Connects for undici as the guard allows; `timeLimit` in milliseconds. */
  connector(timeLimit: number): buildConnector.connector;
  /** What Node's own HTTP clients connect with, by protocol. */
  agents(timeLimit: number): {
    readonly http: HttpAgent;
    readonly https: HttpsAgent;
    readonly httpsAllowUnauthorized: HttpsAgent;
  };
  /** The bare connection through the proxy that this URL is reached through; null where it is reached directly. */
  tunnel(url: URL, timeLimit: number): Promise<Socket> | null;
  /** Whose certificates are believed; undefined means those the system trusts. */
  readonly secureContext: SecureContext | undefined;
}

/** The guard of each provider, by what its record allows and trusts. */
export type GuardFor = (reach: Reach) => AddressGuard;
