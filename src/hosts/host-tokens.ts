import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import { AppError } from '../domain/errors.js';
import type { HostClaims } from '../domain/frame-session.js';
import type { Secret } from '../domain/secret.js';
import type { Clock, Journal } from '../domain/system.js';
import type { PurposeClaims, TokenPurpose } from '../domain/token-purpose.js';
import type { JwksFetch } from '../net/fetch-jwks.js';
import type { Host, HostKey } from './host.js';
import { type KeyFinder, publishedKeys } from './jwks.js';
import { readClaims, readPurposeClaims } from './token-claims.js';

/** Verifies host tokens (RFC 7519, 8725). Throws `token_*` and `host_keys_unavailable`. It does not remember `jti`s. */
export interface HostTokens {
  verify(host: Host, token: Secret): Promise<HostClaims>;
  /** As `verify`, for a token signed for exactly this purpose: a launch's token, or another purpose's, is refused. */
  verifyFor(host: Host, token: Secret, purpose: TokenPurpose): Promise<PurposeClaims>;
}

const LONGEST = 8 * 1024;
const TYPES = [undefined, 'JWT', 'oriel-viewer+jwt'];

type HeldKey = KeyObject | webcrypto.CryptoKey;

const keyOf = async (key: Exclude<HostKey, { kind: 'jwks' }>): Promise<HeldKey> => {
  if (key.kind === 'secret') {
    // Imported once: a plain secret would be imported anew for every token.
    const bytes = Buffer.from(key.secret.reveal(), 'utf8');
    return webcrypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  }
  return key.publicKey.trimStart().startsWith('{')
    ? createPublicKey({ key: JSON.parse(key.publicKey), format: 'jwk' })
    : createPublicKey(key.publicKey);
};

const refused = (reason: string): AppError =>
  new AppError('token_invalid', 'The page’s application did not say who you are in a way we accept.', reason);

/** The library's verdict in an administrator's words; the token itself is never quoted. */
const reasonOf = (error: errors.JOSEError, host: Host): string => {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return `The signature is not by the key of host “${host.id}”.`;
  if (error instanceof errors.JOSEAlgNotAllowed)
    return `The token’s “alg” is not among ${host.key.algorithms.join(', ')}, which the record of host “${host.id}” allows.`;
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return `The token’s “kid” and “alg” do not name exactly one key of host “${host.id}”.`;
  return `This is not a signed token (${error.code}).`;
};

const payloadOf = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  let payload: unknown;
  try {
    payload = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refused('The token’s payload is not JSON.');
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw refused('The token’s payload is not a JSON object.');
  return payload as Readonly<Record<string, unknown>>;
};

/**
 * Verifies host tokens with the algorithms and the key of the host's own record; nothing in a token's header can widen either.
 * `audience` is the gadget origin.
 */
export const hostTokens = (parts: {
  readonly audience: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly fetchJwks: JwksFetch;
}): HostTokens => {
  const keys = new WeakMap<Host, Promise<HeldKey> | KeyFinder>();
  const keyFor = (host: Host): Promise<HeldKey> | KeyFinder => {
    const known = keys.get(host);
    if (known !== undefined) return known;
    const key = host.key.kind === 'jwks' ? publishedKeys(host.key.url, parts) : keyOf(host.key);
    keys.set(host, key);
    return key;
  };
  const verified = async (host: Host, token: string) => {
    const key = keyFor(host);
    const options = { algorithms: [...host.key.algorithms] };
    try {
      return typeof key === 'function'
        ? await compactVerify(token, key, options)
        : await compactVerify(token, await key, options);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refused(reasonOf(error, host));
      // Which keys a host publishes is not ours to settle: one that cannot be used refuses its tokens, and is no fault of this server.
      if (typeof key === 'function' && !(error instanceof AppError))
        throw refused(`The key that host “${host.id}” publishes under the token’s “kid” cannot be used.`);
      throw error;
    }
  };
  const signedPayload = async (host: Host, token: Secret): Promise<Readonly<Record<string, unknown>>> => {
    const text = token.reveal();
    if (text.length > LONGEST) throw refused(`A host token has at most ${LONGEST} characters.`);
    const { payload, protectedHeader } = await verified(host, text);
    // The library understands one extension, which changes what is signed; a host token has none (RFC 7515 §4.1.11).
    if (protectedHeader.crit !== undefined) throw refused('The token’s header must not have “crit”.');
    if (!TYPES.includes(protectedHeader.typ))
      throw refused('The token’s “typ” must be JWT or oriel-viewer+jwt, if it has one.');
    return payloadOf(payload);
  };
  const { audience, clock } = parts;
  return {
    verify: async (host, token) => readClaims(host, audience, await signedPayload(host, token), clock.now()),
    verifyFor: async (host, token, purpose) =>
      readPurposeClaims(host, audience, await signedPayload(host, token), clock.now(), purpose),
  };
};
