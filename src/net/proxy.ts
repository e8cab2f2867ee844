import { type ClientRequest, type IncomingMessage, request as inClear } from 'node:http';
import { request as overTls } from 'node:https';
import type { Socket } from 'node:net';
import { isInRange, isLoopbackHost, literalAddress } from '../domain/ip-addresses.js';
import { parseUrl } from '../domain/parse-url.js';
import type { Secret } from '../domain/secret.js';
import { networkFailure, type ProxyCode } from './network-failure.js';
import { USER_AGENT } from './user-agent.js';

/** The proxy that other servers are reached through. */
export interface OutgoingProxy {
  /** Its origin, http or https, without user and password. */
  readonly origin: string;
  /** The value of `Proxy-Authorization` (RFC 9110 §11.7.2); null where it wants none. */
  readonly authorization: Secret | null;
  /** What is reached directly: names with all below them, addresses, ranges (CIDR), each with a port or for all; `*` is everything. */
  readonly except: readonly string[];
  /** The setting or variable that names it. */
  readonly from: string;
}

/** How a proxy is shown: never with its user and password. */
export const proxyText = ({ origin, authorization, except, from }: OutgoingProxy): string => {
  const shown = authorization === null ? origin : origin.replace('://', '://********@');
  return `${shown} (${from})${except.length === 0 ? '' : `, except ${except.join(', ')}`}`;
};

const punycode = (name: string): string => parseUrl(`http://${name}`)?.hostname ?? name;

const isExcepted = (hostname: string, port: string, entry: string): boolean => {
  if (entry === '*') return true;
  const literal = literalAddress(hostname);
  if (literal !== null && isInRange(literal, entry)) return true;
  const [, bracketed, plain, wanted = port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain;
  if (name === undefined || wanted !== port) return false;
  if (literal !== null) return isInRange(literal, name);
  const domain = punycode(
    name
      .toLowerCase()
      .replace(/^\*?\./, '')
      .replace(/\.$/, ''),
  );
  const host = hostname.replace(/\.$/, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
};

/** Whether a URL is asked for through the proxy. This machine itself never is, and in clear nothing else is called. */
export const isProxied = ({ except }: Pick<OutgoingProxy, 'except'>, url: URL): boolean =>
  url.protocol === 'https:' &&
  !isLoopbackHost(url.hostname) &&
  !except.some((entry) => isExcepted(url.hostname, url.port || '443', entry.trim()));

/** Names under which clouds hand out their machines' credentials, and that mean the proxy's own machine. */
const INTERNAL = new Set([
  ...['metadata', 'metadata.goog', 'metadata.google.internal', 'instance-data', 'instance-data.ec2.internal'],
  ...['ip6-localhost', 'ip6-loopback', 'localhost.localdomain', 'localhost6', 'localhost6.localdomain6'],
]);

/** Whether a name stands for what a proxy must never be asked for; what other names lead to, it alone knows. */
export const isInternalName = (hostname: string): boolean => INTERNAL.has(hostname.replace(/\.$/, ''));

/** The proxy did not lead to where we wanted to go. Says nothing that it wrote, and never its user or password. */
export class ProxyFailure extends Error {
  readonly code: ProxyCode;

  constructor(code: ProxyCode, { origin }: Pick<OutgoingProxy, 'origin'>) {
    super(`the proxy ${origin} does not lead there (${code})`);
    this.name = 'ProxyFailure';
    this.code = code;
  }
}

const proxyCodeOf = (error: Error): ProxyCode => {
  const { reason } = networkFailure(error);
  if (reason === 'certificate') return 'proxy-certificate';
  return reason === 'no-tls' || reason === 'no-http' ? 'proxy-unusable' : 'proxy-unreachable';
};

const asked = (proxy: OutgoingProxy, target: string): ClientRequest => {
  const { protocol, hostname, port } = new URL(proxy.origin);
  return (protocol === 'https:' ? overTls : inClear)({
    method: 'CONNECT',
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    path: target,
    agent: false,
    headers: {
      host: target,
      'user-agent': USER_AGENT,
      ...(proxy.authorization !== null && { 'proxy-authorization': proxy.authorization.reveal() }),
    },
  });
};

/**
 * A connection through a proxy (RFC 9110 §9.3.6) to the server of an https URL, for one caller alone. Rejects with `ProxyFailure`;
 * `timeLimit` is in milliseconds.
 */
export const tunnel = (proxy: OutgoingProxy, url: URL, timeLimit: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const request = asked(proxy, `${url.hostname}:${url.port || '443'}`);
    const fail = (code: ProxyCode): void => {
      clearTimeout(timer);
      reject(new ProxyFailure(code, proxy));
      request.destroy();
    };
    const timer = setTimeout(() => fail('proxy-unreachable'), timeLimit);
    request.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Socket, head: Buffer) => {
      clearTimeout(timer);
      // A server is silent until TLS starts: who speaks before that is not the server.
      if (statusCode >= 200 && statusCode < 300 && head.length === 0) return resolve(socket);
      socket.destroy();
      fail(head.length === 0 || statusCode >= 300 ? `proxy-refused-${statusCode}` : 'proxy-unusable');
    });
    request.once('response', () => fail('proxy-unusable'));
    request.on('error', (error) => fail(proxyCodeOf(error)));
    request.end();
  });
