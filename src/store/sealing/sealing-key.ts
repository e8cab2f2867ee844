import type { Secret } from '../../domain/secret.js';

/** One key of the ring that seals tokens at rest: the first of the ring seals, all open. */
export interface SealingKey {
  /** Stands in clear before everything the key sealed. */
  readonly id: string;
  /** 32 random bytes, base64url. */
  readonly key: Secret;
}
