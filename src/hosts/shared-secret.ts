import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { errors } from 'jose';
import type { Secret } from '../domain/secret.js';

/** A signed token whose signature is right: what it says, not yet read. */
export interface Verified {
  readonly payload: Uint8Array;
  readonly protectedHeader: Readonly<Record<string, unknown>>;
}

const PART = /^[A-Za-z0-9_-]+$/;

const headerOf = (part: string): Readonly<Record<string, unknown>> => {
  try {
    const header: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, as of any other header that is none.
  }
  throw new errors.JWSInvalid('JWS Protected Header is invalid');
};

/**
 * A secret that a host shares with us. It verifies HS256 (RFC 7518 §3.2) by itself: WebCrypto, which `jose` uses, hands each signature to a
 * thread, which costs more than all else that is done with a token.
 */
export class SharedSecret {
  readonly #key: KeyObject;

  constructor(secret: Secret) {
    this.#key = createSecretKey(Buffer.from(secret.reveal(), 'utf8'));
  }

  /** Verifies a JWS in compact form (RFC 7515 §5.2). Throws the errors of `jose`. */
  verify(token: string): Verified {
    const parts = token.split('.');
    const [header = '', payload = '', signature = ''] = parts;
    if (parts.length !== 3 || !PART.test(header) || !PART.test(payload))
      throw new errors.JWSInvalid('Invalid Compact JWS');
    const protectedHeader = headerOf(header);
    // Whatever the header says, the key is for this algorithm alone (RFC 8725 §3.1).
    if (protectedHeader.alg !== 'HS256') throw new errors.JOSEAlgNotAllowed('"alg" value not allowed');
    const right = createHmac('sha256', this.#key).update(`${header}.${payload}`).digest();
    // Compared as it is written: what decodes to the same bytes and is written otherwise is another token.
    const [own, given] = [Buffer.from(right.toString('base64url')), Buffer.from(signature)];
    if (own.length !== given.length || !timingSafeEqual(own, given))
      throw new errors.JWSSignatureVerificationFailed();
    return { payload: Buffer.from(payload, 'base64url'), protectedHeader };
  }
}
