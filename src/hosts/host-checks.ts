import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Mistake } from '../domain/document-path.js';
import { parseUrl } from '../domain/parse-url.js';
import type { HostAlgorithm } from './host.js';
import type { HostEntry } from './host-schema.js';

const EXPECTED =
  'with mode `reauth`, and with no other, the page of this host that answers whose session a browser has';

const urlProblem = (
  connect: NonNullable<HostEntry['connect']>,
  origins: readonly string[],
): string | null => {
  if (connect.mode !== 'reauth')
    return connect.url === undefined ? null : `mode \`${connect.mode}\` has no URL`;
  if (connect.url === undefined) return 'this is missing';
  const url = parseUrl(connect.url);
  if (url === null || !origins.includes(url.origin)) return "this is on none of the host's origins";
  return url.searchParams.has('request') ? 'the server sets the parameter `request` itself' : null;
};

/** Whether mode and URL of a host's connecting fit: its people are sent there, and nowhere else. */
export const connectMistakes = (id: string, { connect, origins }: HostEntry): readonly Mistake[] => {
  const problem = connect === undefined ? null : urlProblem(connect, origins);
  if (problem === null) return [];
  const [first] = origins;
  return [
    {
      path: ['hosts', id, 'connect', 'url'],
      problem,
      expected: EXPECTED,
      example: first === undefined ? null : `${first}/oriel-connect`,
    },
  ];
};

const fromJwk = (text: string): KeyObject | string => {
  let jwk: unknown;
  try {
    jwk = JSON.parse(text);
  } catch {
    return 'this starts like a JWK but is not JSON';
  }
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return 'this JWK is not a JSON object';
  if ('d' in jwk || 'k' in jwk) return 'this is a private or secret key; give only its public half';
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return 'this JWK is not a public key we can read';
  }
};

const fromPem = (text: string): KeyObject | string => {
  if (text.includes('PRIVATE KEY')) return 'this is a private key; give only its public half';
  if (!text.includes('-----BEGIN PUBLIC KEY-----'))
    return 'this is neither a PEM public key (SPKI) nor a JWK';
  try {
    return createPublicKey(text);
  } catch {
    return 'this PEM is not a public key we can read';
  }
};

const fits = (key: KeyObject, algorithm: HostAlgorithm): boolean => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (algorithm === 'ES256') return type === 'ec' && details?.namedCurve === 'prime256v1';
  if (algorithm === 'EdDSA') return type === 'ed25519';
  return type === 'rsa' && (details?.modulusLength ?? 0) >= 2048;
};

/** What keeps a text from being the public key for these algorithms, as a sentence; null when nothing does. */
export const publicKeyProblem = (text: string, algorithms: readonly HostAlgorithm[]): string | null => {
  const key = text.trimStart().startsWith('{') ? fromJwk(text) : fromPem(text);
  if (typeof key === 'string') return key;
  const unfit = algorithms.filter((algorithm) => !fits(key, algorithm));
  if (unfit.length === 0) return null;
  return `this key cannot be used with ${unfit.join(', ')} (ES256 takes P-256, EdDSA Ed25519, RS256 and PS256 RSA of 2048 bits or more)`;
};
