import * as z from 'zod';
import { Secret } from '../domain/secret.js';
import { defaulted, described, id, label, origin, text, url } from '../domain/zod-types.js';
import type { Host, HostKey } from './host.js';

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
  connectMode: entry.connect?.mode ?? 'opener',
  connectUrl: entry.connect?.url ?? null,
});
