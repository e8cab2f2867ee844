import type { Mistake } from '../domain/document-path.js';
import { ANYWHERE, isCallable, isWithin, LOOPBACK, literalAddress } from '../domain/ip-addresses.js';
import { parseUrl } from '../domain/parse-url.js';
import { isLoopback } from '../domain/url-problems.js';
import type { Host } from '../hosts/host.js';
import type { Config, OutgoingBound } from './config.js';
import type { ConfigEntry } from './config-schema.js';
import type { Parts } from './parts.js';

/**
 * The bound that a file sets. One that says nothing trusts what its own providers allow, since its author runs the machine; and
 * this machine itself where people see the server on no other.
 */
export const outgoingBound = ({
  outgoing,
  providers,
  gadgetOrigin,
  siteOrigin,
}: Pick<ConfigEntry, 'outgoing' | 'providers' | 'gadgetOrigin' | 'siteOrigin'>): OutgoingBound => {
  if (outgoing !== undefined) return { allow: outgoing.allow, isSet: true };
  const isLocal = [gadgetOrigin, siteOrigin].every((origin) => isLoopback(new URL(origin)));
  const named = Object.values(providers).flatMap(({ allowAddresses }) => allowAddresses);
  return { allow: [...new Set([...(isLocal ? LOOPBACK : []), ...named])], isSet: false };
};

/** Whether the file itself names this address of keys, and sets no bound that it would have to stay within. */
const isTrusted = (
  url: string,
  { outgoing, hosts }: { readonly outgoing: OutgoingBound; readonly hosts: readonly Host[] },
): boolean => !outgoing.isSet && hosts.some(({ key }) => key.kind === 'jwks' && key.url === url);

/** The private addresses at which the keys of a host may be: hosts are declared in the file, or by people who do not run the machine. */
export const allowedForKeys = (url: string, config: Pick<Config, 'outgoing' | 'hosts'>): readonly string[] =>
  isTrusted(url, config) ? ANYWHERE : config.outgoing.allow;

/** The private addresses at which the identity provider may be that the file names. */
export const allowedForSignIn = ({ isSet, allow }: OutgoingBound): readonly string[] =>
  isSet ? allow : ANYWHERE;

const outside = (
  what: string,
  { allow }: OutgoingBound,
): Pick<Mistake, 'problem' | 'expected' | 'example'> => ({
  problem: `${what} is outside of the private addresses that this server may call (${allow.join(', ') || 'none'})`,
  expected:
    'public addresses, or private ones within `outgoing.allow` of oriel.yaml, which alone can allow more',
  example: null,
});

/** Addresses that a URL names without any look-up; what a name leads to is judged when it is called. */
const addressesOf = (url: string): readonly string[] => {
  const hostname = parseUrl(url)?.hostname ?? '';
  if (hostname === 'localhost') return ['127.0.0.1', '::1'];
  const literal = literalAddress(hostname);
  return literal === null ? [] : [literal];
};

/** What of these records would be called outside of the bound; `allowedAt` gives the addresses that keys may be at. */
export const boundMistakes = (
  { hosts, providers }: Pick<Parts, 'hosts' | 'providers'>,
  bound: OutgoingBound,
  allowedAt: (url: string) => readonly string[] = () => bound.allow,
): readonly Mistake[] => [
  ...[...providers].flatMap(([id, { allowAddresses }]) =>
    allowAddresses.flatMap((range, index) =>
      isWithin(range, bound.allow)
        ? []
        : [{ path: ['providers', id, 'allowAddresses', index], ...outside(range, bound) }],
    ),
  ),
  ...[...hosts].flatMap(([id, { key }]) => {
    const addresses = 'jwks' in key ? addressesOf(key.jwks) : [];
    const isReachable = addresses.some((address) =>
      isCallable(address, allowedAt('jwks' in key ? key.jwks : '')),
    );
    return addresses.length === 0 || isReachable
      ? []
      : [{ path: ['hosts', id, 'key', 'jwks'], ...outside(addresses.join(' or '), bound) }];
  }),
];
