import type { Viewer } from './viewer.js';

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
