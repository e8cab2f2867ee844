import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/system.js';
import type { AddressGuards } from '../net/address-guard.js';
import { jwksFetcher } from '../net/guarded-fetch.js';
import type { ClientCredentials, Provider } from './provider.js';

type Keys = ReturnType<typeof createLocalJWKSet>;

/** The claims of a token that is the provider's own and for us, or the stable code of why it is not taken for that. */
export type VerifiedClaims = { readonly claims: JWTPayload } | { readonly fault: string };

/** Milliseconds that a key set is used without asking again. */
const FRESH = 10 * 60_000;
/** A key that is not in a set is looked up no sooner than this after the set was asked for: anyone can invent one. */
const BETWEEN_LOOKS = 3_000;
/** Key sets that are remembered. */
const MOST_SETS = 200;
/** Seconds that the provider's clock and ours may be apart. */
const LEEWAY = 60;
/** Characters of a token that is looked at. */
const LONGEST = 16 * 1024;

/** Signatures that a published key proves. None by a shared secret: what is signed so, a leaked client secret could sign. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

const FAULTS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'jwt-expired',
  ERR_JWKS_NO_MATCHING_KEY: 'jwt-key-unknown',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'jwt-key-unclear',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'jwt-signature',
  ERR_JOSE_ALG_NOT_ALLOWED: 'jwt-algorithm',
};

const faultIn = (error: unknown): string => {
  if (error instanceof errors.JWTClaimValidationFailed)
    return `jwt-${/^[a-z_]{1,20}$/.test(error.claim) ? error.claim : 'claim'}`;
  return error instanceof errors.JOSEError
    ? (FAULTS[error.code] ?? 'jwt-unreadable')
    : 'jwt-keys-unavailable';
};

/** Where several are meant, we have to be the party that the token was made for (OpenID Connect Core 1.0 §3.1.3.7). */
const azpFault = ({ aud, azp }: JWTPayload, id: string): string | null => {
  if (azp !== undefined && azp !== id) return 'jwt-azp';
  return Array.isArray(aud) && aud.length > 1 && azp === undefined ? 'jwt-azp' : null;
};

/**
 * Checks what a provider says of a person in a signed token: an id token (OpenID Connect Core 1.0 §3.1.3.7), or the answer of its userinfo
 * endpoint where that is one (§5.3.2). Keys come from the record's `jwks` alone, never from what a token's header says.
 */
export class IdTokens {
  readonly #guards: Pick<AddressGuards, 'for'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #sets = new LRUCache<string, { readonly find: Keys; readonly at: number }>({ max: MOST_SETS });

  constructor(guards: Pick<AddressGuards, 'for'>, clock: Pick<Clock, 'now'>) {
    this.#guards = guards;
    this.#clock = clock;
  }

  /** `nonce` is the one that we sent, or null; what is no id token needs neither it nor an end. Never throws. */
  async verify(
    provider: Provider,
    { id }: Pick<ClientCredentials, 'id'>,
    token: string,
    { kind, nonce }: { readonly kind: 'id-token' | 'userinfo'; readonly nonce: string | null },
  ): Promise<VerifiedClaims> {
    const { issuer, jwks } = provider;
    if (issuer === null || jwks === undefined) return { fault: 'jwt-issuer-unknown' };
    if (token.length > LONGEST) return { fault: 'jwt-unreadable' };
    const required = kind === 'id-token' ? ['iss', 'aud', 'sub', 'exp', 'iat'] : ['iss', 'aud', 'sub'];
    try {
      const { payload } = await jwtVerify(
        token.trim(),
        (header, jws) => this.#keyOf(provider, jwks, [header, jws]),
        {
          ...{ issuer, audience: id, algorithms: ALGORITHMS, requiredClaims: required },
          ...{ clockTolerance: LEEWAY, currentDate: new Date(this.#clock.now()) },
        },
      );
      if (kind === 'id-token' && nonce !== null && payload.nonce !== nonce) return { fault: 'jwt-nonce' };
      const fault = azpFault(payload, id);
      return fault === null ? { claims: payload } : { fault };
    } catch (error) {
      return { fault: faultIn(error) };
    }
  }

  async #keyOf(provider: Provider, url: string, asked: Parameters<Keys>): Promise<Awaited<ReturnType<Keys>>> {
    const known = this.#sets.get(url);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - known.at;
    if (known !== undefined && age < FRESH) {
      try {
        return await known.find(...asked);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || age < BETWEEN_LOOKS) throw error;
      }
    }
    const text = await jwksFetcher(() => this.#guards.for(provider))(url);
    const find = createLocalJWKSet(JSON.parse(text));
    this.#sets.set(url, { find, at: this.#clock.now() });
    return find(...asked);
  }
}
