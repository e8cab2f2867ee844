import type { Secret } from '../../domain/secret.js';

/** One key of the ring that seals tokens at rest: the first of the ring seals, all open. */
export interface SealingKey {
  /** Stands in clear before everything the key sealed. */
  readonly id: string;
  /** 32 random bytes, base64url. */
  readonly key: Secret;
}

/**
 * Short words for secrets, by which people tell one from another: HMAC-SHA-256 under a key out of the ring, so that nobody without the ring can
 * try out what a secret may be. After a rotation the same secret has another.
 */
export interface Fingerprints {
  of(secret: string): string;
  /** Also one that an older key of the ring made. */
  matches(secret: string, fingerprint: string): boolean;
}
