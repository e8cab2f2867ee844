import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { Judge } from './address-judge.js';
import { AddressRefused } from './address-refused.js';
import { tunnel } from './tunnel.js';

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
      const socket = protocol === 'http:' ? connectPlain(given) : connectSecurely({ ...given, ...trust });
      return watched(socket, judge, url.hostname);
    }
    tunnel(through, url, timeLimit).then(
      (socket) => done(null, connectSecurely({ ...options, port: Number(options.port), socket, ...trust })),
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
