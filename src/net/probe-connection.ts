import { promises } from 'node:dns';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectSecurely, type TLSSocket } from 'node:tls';
import type { Dispatcher } from 'undici';
import { literalAddress } from '../domain/ip-addresses.js';
import { parseUrl } from '../domain/parse-url.js';
import type { AddressGuard } from './address-guard.js';
import { textOf } from './answer-body.js';
import { chainOf } from './certificates.js';
import { Overdue, within } from './deadline.js';
import { overOneConnection, target } from './guarded-fetch.js';
import type { AnswerFact, ChainFault, ChannelFact, NameFact } from './network-facts.js';
import { networkFailure } from './network-failure.js';

/** What a host's name resolves to now, where it is not for a proxy to resolve it. */
export const lookUp = async (url: URL, guard: AddressGuard, timeLimit: number): Promise<NameFact> => {
  const { hostname } = url;
  const literal = literalAddress(hostname);
  if (literal !== null) return { kind: 'addresses', addresses: [literal] };
  const through = guard.proxyFor(url);
  if (through !== null) return { kind: 'proxied', proxy: through.origin };
  try {
    const found = await within(timeLimit, promises.lookup(hostname, { all: true }));
    return { kind: 'addresses', addresses: [...new Set(found.map(({ address }) => address))] };
  } catch (error) {
    return { kind: error instanceof Overdue ? 'timeout' : 'unknown' };
  }
};

const FAULTS: Readonly<Record<string, ChainFault>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong-name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown-authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown-authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown-authority',
  CERT_UNTRUSTED: 'unknown-authority',
};

const judged = (socket: TLSSocket, host: string): ChannelFact => {
  const peer = socket.getPeerCertificate(true);
  const chain = chainOf(peer);
  if (socket.authorized) return { kind: 'trusted', protocol: socket.getProtocol() ?? 'TLS', chain };
  // The type says Error; what is there is its code.
  const code = String(socket.authorizationError);
  const fault = (Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined) ?? 'other';
  return { kind: 'untrusted', fault, named: checkServerIdentity(host, peer) === undefined, code, chain };
};

/**
 * Connects and looks at what is shown. An untrusted certificate does not end the handshake here, since it is what people have to see;
 * nothing is ever sent over such a connection.
 */
export const lookAtChannel = async (
  url: URL,
  guard: AddressGuard,
  timeLimit: number,
): Promise<ChannelFact> => {
  if (guard.refuses(url)) return { kind: 'none', reason: 'address-refused', code: 'ADDRESS_REFUSED' };
  try {
    const through = await guard.tunnel(url, timeLimit);
    return await shownAt(url, guard, through, timeLimit);
  } catch (error) {
    return noChannel(error);
  }
};

const noChannel = (error: unknown): ChannelFact => {
  const { reason, code } = networkFailure(error);
  return { kind: 'none', reason: reason === 'certificate' || reason === 'no-http' ? 'no-tls' : reason, code };
};

/** What is shown over a new connection, or over the one that a proxy made. */
const shownAt = (
  url: URL,
  guard: AddressGuard,
  through: Socket | null,
  timeLimit: number,
): Promise<ChannelFact> => {
  const isSecure = url.protocol === 'https:';
  const host = literalAddress(url.hostname) ?? url.hostname;
  const port = Number(url.port || (isSecure ? 443 : 80));
  const { lookup, secureContext } = guard;
  return new Promise((resolve) => {
    const settle = (fact: ChannelFact, socket: Socket): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(fact);
    };
    const socket = isSecure
      ? connectSecurely({
          ...(through === null ? { host, port, lookup } : { socket: through, host }),
          rejectUnauthorized: false,
          ...(isIP(host) === 0 && { servername: host }),
          ...(secureContext !== undefined && { secureContext }),
        })
      : connectPlain({ host, port, lookup });
    const timer = setTimeout(
      () => settle({ kind: 'none', reason: 'timeout', code: 'timeout' }, socket),
      timeLimit,
    );
    socket.once(isSecure ? 'secureConnect' : 'connect', () =>
      settle(isSecure ? judged(socket as TLSSocket, host) : { kind: 'plain' }, socket),
    );
    socket.on('error', (error) => {
      settle(noChannel(error), socket);
    });
  });
};

/** Bytes of a body that are read: enough for every sentence a server says, and for nothing else. */
const MOST_READ = 64 * 1024;

/** One request, and what of it may not be repeated. */
export interface Sending {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whatever of it an answer repeats is blanked out. */
  readonly secrets: readonly string[];
}

const beginningOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MOST_READ) break;
  }
  const beginning = Buffer.concat(chunks).subarray(0, MOST_READ);
  return textOf(beginning) ?? beginning.toString('latin1');
};

const without = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((blanked, secret) => blanked.replaceAll(secret, '[secret]'), text);

const oneOf = (header: string | string[] | undefined): string | null =>
  (Array.isArray(header) ? header[0] : header)?.trim() ?? null;

const redirectTargetOf = (location: string | null, from: URL): string | null =>
  location === null ? null : (parseUrl(location, from)?.href ?? null);

/** One exchange over a connection of its own, within the time limit in all; no redirect is followed. */
export const exchange = async (
  url: URL,
  { secrets, ...sending }: Sending,
  guard: AddressGuard,
  timeLimit: number,
): Promise<AnswerFact> => {
  if (guard.refuses(url)) return { kind: 'none', reason: 'address-refused', code: 'ADDRESS_REFUSED' };
  const look = async (dispatcher: Dispatcher): Promise<AnswerFact> => {
    const signal = AbortSignal.timeout(timeLimit);
    const { statusCode, headers, body } = await dispatcher.request({ ...target(url), signal, ...sending });
    const location = redirectTargetOf(oneOf(headers.location), url);
    return {
      kind: 'answer',
      status: statusCode,
      location: location === null ? null : without(location, secrets),
      contentType: (oneOf(headers['content-type']) ?? '').split(';', 1).join().trim().toLowerCase(),
      retryAfter: oneOf(headers['retry-after']),
      text: without(await beginningOf(body), secrets),
    };
  };
  try {
    // Without a bound on the whole answer: its beginning is all that is read.
    return await overOneConnection(guard, timeLimit, null, look);
  } catch (error) {
    return { kind: 'none', ...networkFailure(error) };
  }
};

/** As a person's browser asks for a page; cookies it has none. */
export const asBrowser: Sending = {
  method: 'GET',
  headers: {
    accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
    'accept-language': 'en',
    'user-agent': 'Mozilla/5.0 (compatible; Oriel)',
  },
  secrets: [],
};
