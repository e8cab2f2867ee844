import { isInRange, isLoopbackHost, literalAddress } from '../domain/ip-addresses.js';
import { parseUrl } from '../domain/parse-url.js';
import type { Secret } from '../domain/secret.js';

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

/** How a proxy is told of: never with its user and password. */
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

/** What kept a proxy from leading anywhere: `proxy-unreachable`, `-certificate`, `-unusable`, or `-refused-` and its status. */
export type ProxyCode =
  | 'proxy-unreachable'
  | 'proxy-certificate'
  | 'proxy-unusable'
  | `proxy-refused-${number}`;

/** Whether the code of a failed call is the proxy's. */
export const isProxyCode = (code: unknown): code is ProxyCode =>
  typeof code === 'string' && code.startsWith('proxy-');
