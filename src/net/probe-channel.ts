import { promises } from 'node:dns';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectSecurely, type TLSSocket } from 'node:tls';
import { literalAddress } from '../domain/ip-addresses.js';
import type { AddressGuard } from './address-guard.js';
import { chainOf } from './certificates.js';
import { deadline, Overdue } from './deadline.js';
import type { ChainFault, ChannelFact, NameFact } from './network-facts.js';
import { reasonOf } from './probe-failure.js';

/** What a host's name resolves to now, where it is not for a proxy to resolve it. */
export const lookUp = async (url: URL, guard: AddressGuard, timeLimit: number): Promise<NameFact> => {
  const { hostname } = url;
  const literal = literalAddress(hostname);
  if (literal !== null) return { kind: 'addresses', addresses: [literal] };
  const through = guard.proxyFor(url);
  if (through !== null) return { kind: 'proxied', proxy: through.origin };
  try {
    const found = await deadline(timeLimit)(promises.lookup(hostname, { all: true }));
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
  const { reason, code } = reasonOf(error);
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
