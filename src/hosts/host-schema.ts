import { createPublicKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import type { Mistake } from '../domain/document-path.js';
import { parseUrl } from '../domain/parse-url.js';
import { Secret } from '../domain/secret.js';
import { defaulted, described, id, label, origin, text, url } from '../domain/zod-types.js';
import type { Host, HostAlgorithm, HostKey } from './host.js';

const secretText = text((value) =>
  Buffer.byteLength(value) < 32 ? 'this secret is shorter than 32 bytes' : null,
);

const asymmetric = z.enum(['ES256', 'EdDSA', 'RS256', 'PS256']);
const algorithms = described(
  z.array(asymmetric).min(1, 'this list is empty'),
  'The signature algorithms this host may use, one or more of ES256, EdDSA, RS256, PS256',
  ['ES256'],
);

const sharedSecret = z.strictObject({
  algorithm: described(z.literal('HS256'), 'HS256: host and server share a secret', 'HS256'),
  secret: described(
    secretText,
    'At least 32 random bytes as text; the bytes of the text as written are the key, nothing is decoded',
    `\${GOCD_HOST_SECRET}`,
  ),
});

const publicKey = z.strictObject({
  algorithms,
  publicKey: described(
    z.string().min(1, 'this is empty'),
    "The host's public key: PEM (SPKI) or a JWK as JSON",
    `\${file:./gocd.pub.pem}`,
  ),
});

const keySet = z.strictObject({
  algorithms,
  jwks: described(
    url,
    "The URL of the host's JSON Web Key Set: https, or http on loopback",
    'https://gocd.example.com/.well-known/jwks.json',
  ),
});

const gadgetId = text((value) => (value === '*' ? 'a wildcard is not taken; name each gadget' : null)).pipe(
  id,
);

const binding = z.strictObject({
  gadget: described(
    gadgetId,
    'The id of the gadget; the name itself unless said otherwise',
    'gitlab-pipelines',
  ).exactOptional(),
  providers: defaulted(
    z.record(id, id),
    'Which provider plays which role: what the gadget calls a provider, and the id of the one it asks for this host',
    {},
    { gitlab: 'gitlab-internal' },
  ),
});

/** One host as written in the file. */
export const hostSchema = z.strictObject({
  name: described(label(80), 'What people call this application', 'GoCD').exactOptional(),
  origins: described(
    z.array(origin).min(1, 'this list is empty').max(50, 'these are more than 50'),
    'The exact origins of the pages that frame our gadgets: scheme, host and port only; https, or http on loopback',
    ['https://gocd.example.com'],
  ),
  key: described(
    z.union([sharedSecret, publicKey, keySet]),
    'What this host signs its tokens with: `algorithm: HS256` and `secret`, or `algorithms` and `publicKey`, or `algorithms` and `jwks`',
    { algorithm: 'HS256', secret: `\${GOCD_HOST_SECRET}` },
  ),
  gadgets: defaulted(
    z.union([z.array(gadgetId), z.record(id, binding)]),
    'The gadgets this host may show: a list of ids; or, by the names that this host gives them, each with its `gadget` and `providers`. None unless named',
    [],
    ['mingle-card-activity'],
  ),
  providers: defaulted(
    z.array(id),
    'The providers that viewers of this host may connect to, by id; none unless named',
    [],
    ['mingle'],
  ),
  clientCredentials: described(
    z.array(id),
    'Those of its `providers` that everyone on this host is shown with a company’s access, not their own; only where the provider’s record has `clientCredentials` too',
    ['status'],
  ).exactOptional(),
  connect: described(
    z.strictObject({
      mode: described(
        z.enum(['opener', 'reauth', 'code']),
        'How viewers reach the connect pages: `opener`, a window that the gadget opens; `reauth`, a link, and this host says who opened it; `code`, a link, and a code typed into the gadget',
        'reauth',
      ),
      url: described(
        url,
        'With `reauth` only: the page of this host, on one of its origins, that answers whose session a browser has',
        'https://gocd.example.com/oriel-connect',
      ).exactOptional(),
    }),
    'How viewers of this host connect an account; `opener` unless said otherwise',
    { mode: 'reauth', url: 'https://gocd.example.com/oriel-connect' },
  ).exactOptional(),
});

export type HostEntry = z.output<typeof hostSchema>;

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

const keyOf = (key: HostEntry['key']): HostKey => {
  if ('secret' in key) return { kind: 'secret', algorithms: ['HS256'], secret: new Secret(key.secret) };
  if ('jwks' in key) return { kind: 'jwks', algorithms: key.algorithms, url: key.jwks };
  return { kind: 'public-key', algorithms: key.algorithms, publicKey: key.publicKey };
};

const gadgetsOf = ({ gadgets }: HostEntry): Pick<Host, 'gadgets' | 'bindings'> => {
  if (Array.isArray(gadgets)) return { gadgets: unique(gadgets) };
  const named = Object.entries(gadgets);
  return {
    gadgets: named.map(([name]) => name),
    bindings: Object.fromEntries(
      named.map(([name, { gadget = name, providers }]) => [name, { gadget, providers }]),
    ),
  };
};

/** A host's record out of its entry. */
export const hostRecord = (id: string, entry: HostEntry): Host => ({
  id,
  name: entry.name ?? id,
  origins: unique(entry.origins),
  key: keyOf(entry.key),
  ...gadgetsOf(entry),
  providers: unique(entry.providers),
  ...(entry.clientCredentials !== undefined && { clientCredentials: unique(entry.clientCredentials) }),
  connectMode: entry.connect?.mode ?? 'opener',
  connectUrl: entry.connect?.url ?? null,
});

/** A provider is shown with a company's access only where the host may use it at all. */
export const companyMistakes = (
  id: string,
  { clientCredentials = [], providers }: HostEntry,
): readonly Mistake[] =>
  clientCredentials.flatMap((provider, index) =>
    providers.includes(provider)
      ? []
      : [
          {
            path: ['hosts', id, 'clientCredentials', index],
            problem: `${provider} is none of this host’s providers`,
            expected: 'one of those under `providers`',
            example: providers[0] ?? null,
          },
        ],
  );

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
