import { isUtf8 } from 'node:buffer';
import { createPublicKey, type KeyObject } from 'node:crypto';
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
import { type Viewer, viewerOf } from '../domain/viewer.js';
import type { JwksFetch } from '../net/guarded-fetch.js';
import type { Host } from './host.js';
import { SharedSecret, type Verified } from './shared-secret.js';

/**
 * What a host token may be signed for other than to launch a gadget: to say whose session is before our connect page, or that a
 * person has left.
 */
export type TokenPurpose = 'connect' | 'leave';

/** The verified claims of a host token with a purpose. */
export interface PurposeClaims {
  readonly viewer: Viewer;
  readonly jti: string;
  /** Epoch milliseconds after which this token can no longer be replayed (its `exp` plus the leeway). */
  readonly replayableUntil: number;
  /** Of purpose `connect`: base64url SHA-256 of the request it answers. Null otherwise. */
  readonly flowHash: string | null;
}

/** Milliseconds: how long a set is used, and how long it is kept when it cannot be fetched. */
const FRESH = 10 * 60_000;
const KEPT = 24 * 60 * 60_000;
/** An old set is requested again no sooner than this: while its address hangs, no other request waits for it. */
const BETWEEN_RENEWALS = 30_000;
/** An unknown `kid` is looked up no sooner than this after the last request: anyone can invent one. */
const BETWEEN_LOOKS = 3_000;

interface KeySet {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
}

/** The library itself takes public keys only; an invalid key must not make the others unusable. */
const parse = (text: string): JSONWebKeySet => {
  const document = JSON.parse(text) as JSONWebKeySet;
  return { keys: document.keys.filter((key) => typeof key === 'object' && key !== null) };
};

interface KeyDeps {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly fetchJwks: JwksFetch;
}

/**
 * The keys a host publishes (RFC 7517 §5). An unknown `kid` fetches the set again immediately, so that a host may sign with a new key as soon as
 * it is published; while the address cannot be reached the last good set is used for a day.
 */
class PublishedKeys {
  readonly #url: string;
  readonly #deps: KeyDeps;
  #current: KeySet | null = null;
  #asking: Promise<void> | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(url: string, deps: KeyDeps) {
    this.#url = url;
    this.#deps = deps;
  }

  /** The key that a token's header names, as the library asks for it. */
  async find(header: JWSHeaderParameters): ReturnType<LocalJWKSet> {
    if (this.#current === null || this.#age(this.#current) > FRESH) await this.#renew(BETWEEN_RENEWALS);
    try {
      return await this.#usable().find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#renew(BETWEEN_LOOKS);
      return this.#usable().find(header);
    }
  }

  #age({ at }: KeySet): number {
    return this.#deps.clock.monotonic() - at;
  }

  #usable(): KeySet {
    if (this.#current === null || this.#age(this.#current) > KEPT)
      throw new AppError('host_keys_unavailable', {}, `No usable key set from ${this.#url}.`);
    return this.#current;
  }

  async #renew(between: number): Promise<void> {
    if (this.#deps.clock.monotonic() - this.#askedAt < between && this.#asking === null) return;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    await this.#asking;
  }

  async #ask(): Promise<void> {
    const { clock, fetchJwks, journal } = this.#deps;
    this.#askedAt = clock.monotonic();
    try {
      const find = createLocalJWKSet(parse(await fetchJwks(this.#url)));
      this.#current = { find, at: this.#askedAt };
    } catch (error) {
      journal.warn('host-keys-unavailable', {
        url: this.#url,
        error: error instanceof Error ? error.message : 'unreadable',
        fix: 'The JWKS URL must answer 200 with a JWK set, without redirects, within five seconds. Of private addresses it may have those that `outgoing.allow` of oriel.yaml allows.',
      });
    }
  }
}

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

const LONGEST = 8 * 1024;
const TYPES = [undefined, 'JWT', 'oriel-viewer+jwt'];

type HeldKey = SharedSecret | KeyObject | PublishedKeys;

const publicKeyOf = (text: string): KeyObject =>
  text.trimStart().startsWith('{')
    ? createPublicKey({ key: JSON.parse(text), format: 'jwk' })
    : createPublicKey(text);

const keyOf = ({ key }: Host, deps: KeyDeps): HeldKey => {
  switch (key.kind) {
    case 'secret':
      return new SharedSecret(key.secret);
    case 'public-key':
      return publicKeyOf(key.publicKey);
    case 'jwks':
      return new PublishedKeys(key.url, deps);
  }
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

interface HostTokensDeps extends KeyDeps {
  /** The gadget origin. */
  readonly audience: string;
}

/**
 * Verifies host tokens (RFC 7519, 8725) with the algorithms and the key of the host's own record; nothing in a token's header can widen
 * either. Throws `token_*` and `host_keys_unavailable`. It does not remember `jti`s.
 */
export class HostTokens {
  readonly #deps: HostTokensDeps;
  readonly #keys = new WeakMap<Host, HeldKey>();

  constructor(deps: HostTokensDeps) {
    this.#deps = deps;
  }

  async verify(host: Host, token: Secret): Promise<HostClaims> {
    const { audience, clock } = this.#deps;
    return readClaims(host, audience, await this.#payload(host, token), clock.now());
  }

  /** As `verify`, for a token signed for exactly this purpose: a launch's token, or another purpose's, is refused. */
  async verifyFor(host: Host, token: Secret, purpose: TokenPurpose): Promise<PurposeClaims> {
    const { audience, clock } = this.#deps;
    return readPurposeClaims(host, audience, await this.#payload(host, token), clock.now(), purpose);
  }

  async #payload(host: Host, token: Secret): Promise<Payload> {
    const text = token.reveal();
    if (text.length > LONGEST) throw refused(`A host token has at most ${LONGEST} characters.`);
    const { payload, protectedHeader } = await this.#verified(host, text);
    // The library understands one extension, which changes what is signed; a host token has none (RFC 7515 §4.1.11).
    if (protectedHeader.crit !== undefined) throw refused('The token’s header must not have “crit”.');
    if (!TYPES.some((type) => type === protectedHeader.typ))
      throw refused('The token’s “typ” must be JWT or oriel-viewer+jwt, if it has one.');
    return payloadOf(payload);
  }

  async #verified(host: Host, token: string): Promise<Verified> {
    const key = this.#keyFor(host);
    const options = { algorithms: [...host.key.algorithms] };
    try {
      if (key instanceof SharedSecret) return key.verify(token);
      return key instanceof PublishedKeys
        ? await compactVerify(token, (header: JWSHeaderParameters) => key.find(header), options)
        : await compactVerify(token, key, options);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refused(reasonOf(error, host));
      // Which keys a host publishes is not ours to settle: one that cannot be used refuses its tokens, and is no fault of this server.
      if (key instanceof PublishedKeys && !(error instanceof AppError))
        throw refused(`The key that host “${host.id}” publishes under the token’s “kid” cannot be used.`);
      throw error;
    }
  }

  #keyFor(host: Host): HeldKey {
    const known = this.#keys.get(host);
    if (known !== undefined) return known;
    const key = keyOf(host, this.#deps);
    this.#keys.set(host, key);
    return key;
  }
}

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
