import { isUtf8 } from 'node:buffer';
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import {
  compactVerify,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
  SignJWT,
} from 'jose';
import { AppError } from '../domain/errors.js';
import type { HostClaims } from '../domain/frame-session.js';
import { Secret } from '../domain/secret.js';
import type { Clock, Journal } from '../domain/system.js';
import type { PurposeClaims, TokenPurpose } from '../domain/token-purpose.js';
import { viewerOf } from '../domain/viewer.js';
import type { JwksFetch } from '../net/guarded-fetch.js';
import type { Host, HostKey } from './host.js';

/** Milliseconds: how long a set is used, and how long it is kept when it cannot be fetched. */
const FRESH = 10 * 60_000;
const KEPT = 24 * 60 * 60_000;
/** An old set is requested again no sooner than this: while its address hangs, no other request waits for it. */
const BETWEEN_RENEWALS = 30_000;
/** An unknown `kid` is looked up no sooner than this after the last request: anyone can invent one. */
const BETWEEN_LOOKS = 3_000;

type KeyFinder = (header: JWSHeaderParameters) => ReturnType<LocalJWKSet>;

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
}

/** The library itself takes public keys only; an invalid key must not make the others unusable. */
const parse = (text: string): JSONWebKeySet => {
  const document = JSON.parse(text) as JSONWebKeySet;
  return { keys: document.keys.filter((key) => typeof key === 'object' && key !== null) };
};

/**
 * The keys a host publishes (RFC 7517 §5). An unknown `kid` fetches the set again immediately, so that a host may sign with a new key as soon as
 * it is published; while the address cannot be reached the last good set is used for a day.
 */
const publishedKeys = (
  url: string,
  { clock, journal, fetchJwks }: { clock: Clock; journal: Journal; fetchJwks: JwksFetch },
): KeyFinder => {
  let current: KeySet | null = null;
  let asking: Promise<void> | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  const ask = async (): Promise<void> => {
    askedAt = clock.monotonic();
    try {
      current = { find: createLocalJWKSet(parse(await fetchJwks(url))), at: askedAt };
    } catch (error) {
      journal.warn('host-keys-unavailable', {
        url,
        error: error instanceof Error ? error.message : 'unreadable',
        fix: 'The JWKS URL must answer 200 with a JWK set, without redirects, within five seconds. Of private addresses it may have those that `outgoing.allow` of oriel.yaml allows.',
      });
    }
  };

  const renew = async (between: number): Promise<void> => {
    if (clock.monotonic() - askedAt < between && asking === null) return;
    asking ??= ask().finally(() => {
      asking = null;
    });
    await asking;
  };

  const usable = (): KeySet => {
    if (current === null || clock.monotonic() - current.at > KEPT)
      throw new AppError('host_keys_unavailable', {}, `No usable key set from ${url}.`);
    return current;
  };

  return async (header) => {
    if (current === null || clock.monotonic() - current.at > FRESH) await renew(BETWEEN_RENEWALS);
    try {
      return await usable().find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await renew(BETWEEN_LOOKS);
      return usable().find(header);
    }
  };
};

/** Seconds. How far the host's clock and ours may be apart, and how long a token may be meant to live. */
export const LEEWAY = 30;
const LONGEST_LIFE = 120;
const LONGEST_LIFE_FOR_PURPOSE = 60;
const LONGEST_NAME = 255;

type Payload = Readonly<Record<string, unknown>>;

const invalid = (reason: string): AppError => new AppError('token_invalid', {}, reason);

// Half a surrogate pair has no UTF-8: two texts that differ in one would be the same to every store.
const HALF_CHARACTER = /\p{Surrogate}/u;

const textClaim = (payload: Payload, name: string): string => {
  const value = payload[name];
  if (typeof value !== 'string' || value === '' || Buffer.byteLength(value) > LONGEST_NAME)
    throw invalid(`The claim “${name}” must be a text of 1 to ${LONGEST_NAME} bytes.`);
  if (HALF_CHARACTER.test(value)) throw invalid(`The claim “${name}” holds half of a character.`);
  return value;
};

const timeClaim = (payload: Payload, name: string): number => {
  const value = payload[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(`The claim “${name}” must be a time in whole seconds.`);
  return value;
};

const optionalText = (payload: Payload, name: string): string | null => {
  const value = payload[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(`The claim “${name}” must be a text.`);
  return value;
};

// Control characters, and marks that would turn the direction of the page's own text.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const decoration = (payload: Payload, name: string, longest: number): string | null => {
  const text = optionalText(payload, name)?.replace(UNPRINTABLE, '').trim();
  return text ? [...text].slice(0, longest).join('') : null;
};

/** Locked parameters: a flat object; numbers and booleans are taken as a page's attribute would write them. */
const locks = (payload: Payload): Readonly<Record<string, string>> => {
  const value = payload.params;
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid('The claim “params” must be an object.');
  const entries = Object.entries(value).map(([name, each]): [string, string] => {
    if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean')
      throw invalid(`The locked parameter “${name.slice(0, 64)}” must be a text, a number or a boolean.`);
    return [name, String(each)];
  });
  return Object.fromEntries(entries);
};

const checkTimes = (payload: Payload, now: number, longest: number): number => {
  const issued = timeClaim(payload, 'iat');
  const expires = timeClaim(payload, 'exp');
  if (expires <= issued || expires - issued > longest)
    throw invalid(`“exp” must lie 1 to ${longest} seconds after “iat”; it lies ${expires - issued} after.`);
  if (issued > now + LEEWAY)
    throw invalid(
      `“iat” lies ${Math.round(issued - now)} seconds in our future: set the host’s clock or ours.`,
    );
  // RFC 7519 §4.1.5: optional, and binding where it is there.
  if (payload.nbf !== undefined && timeClaim(payload, 'nbf') > now + LEEWAY)
    throw invalid(
      `“nbf” lies ${Math.round(timeClaim(payload, 'nbf') - now)} seconds in our future: send a token that is valid now, or set the host’s clock or ours.`,
    );
  if (expires <= now - LEEWAY)
    throw new AppError(
      'token_expired',
      {},
      `“exp” passed ${Math.round(now - expires)} seconds ago, and “iat” is ${Math.round(now - issued)} seconds old: the host’s clock is slow (set it by NTP, or ours), or its token was not made for this launch.`,
    );
  return expires;
};

const wrongPurpose = (reason: string): AppError => new AppError('token_purpose', {}, reason);

const readCommon = (payload: Payload, host: Host, now: number, longest: number) => {
  const expires = checkTimes(payload, now / 1000, longest);
  return {
    viewer: viewerOf(host.id, textClaim(payload, 'sub')),
    jti: textClaim(payload, 'jti'),
    replayableUntil: (expires + LEEWAY) * 1000,
  };
};

const checkParties = (host: Host, audience: string, payload: Payload): void => {
  if (payload.iss !== host.id) throw invalid(`“iss” must be the host’s id, “${host.id}”.`);
  if (payload.aud !== audience) throw invalid(`“aud” must be exactly “${audience}”, as one text.`);
};

/**
 * The rules for a host token's claims beyond its signature (RFC 7519 §4.1, RFC 8725 §3.8–3.12): for us alone, from this host,
 * short-lived, used once, naming the viewer by a text. `now` is epoch milliseconds. Throws `token_*`.
 */
export const readClaims = (host: Host, audience: string, payload: Payload, now: number): HostClaims => {
  checkParties(host, audience, payload);
  if (payload.purpose !== undefined) throw wrongPurpose('A token with a “purpose” never launches a gadget.');
  return {
    ...readCommon(payload, host, now, LONGEST_LIFE),
    profile: { name: decoration(payload, 'name', 80), email: decoration(payload, 'email', 254) },
    gadget: optionalText(payload, 'gadget'),
    params: locks(payload),
    locale: optionalText(payload, 'locale'),
  };
};

/** As `readClaims`, for a token signed for exactly this purpose, which lives half as long. */
export const readPurposeClaims = (
  host: Host,
  audience: string,
  payload: Payload,
  now: number,
  purpose: TokenPurpose,
): PurposeClaims => {
  checkParties(host, audience, payload);
  if (payload.purpose !== purpose) throw wrongPurpose(`“purpose” must be “${purpose}” here.`);
  return {
    ...readCommon(payload, host, now, LONGEST_LIFE_FOR_PURPOSE),
    flowHash: purpose === 'connect' ? textClaim(payload, 'flow_hash') : null,
  };
};

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
    // Imported once: a plain secret would be imported again for every token.
    const bytes = Buffer.from(key.secret.reveal(), 'utf8');
    return webcrypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  }
  return key.publicKey.trimStart().startsWith('{')
    ? createPublicKey({ key: JSON.parse(key.publicKey), format: 'jwk' })
    : createPublicKey(key.publicKey);
};

const refused = (reason: string): AppError => new AppError('token_invalid', {}, reason);

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

/** Undefined where it is not JSON in UTF-8 (RFC 7519 §7.2). */
const jsonOf = (bytes: Uint8Array): unknown => {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined;
  }
};

const payloadOf = (bytes: Uint8Array): Readonly<Record<string, unknown>> => {
  const payload = jsonOf(bytes);
  if (payload === undefined) throw refused('The token’s payload is not JSON.');
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

/** Signs a host token by HS256, for the one host that this server is itself. */
export const signHostToken = async (
  key: Secret,
  claims: Readonly<Record<string, string | number>>,
): Promise<Secret> => {
  const bytes = new TextEncoder().encode(key.reveal());
  return new Secret(
    await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(bytes),
  );
};
