import type { Format } from '../domain/gadget.js';

const JWT = /^\s*application\/(?:[\w.-]+\+)?jwt\b/i;

/** Whether an answer comes signed, as userinfo may (OpenID Connect Core 1.0 §5.3.2). */
export const isSigned = (contentType: string, format: Format): boolean =>
  format === 'json' && JWT.test(contentType);

/**
 * The claims of a signed answer, as JSON; null where they are encrypted, or it is no JWT (RFC 7519 §7.2). The signature is not looked at:
 * the answer came over TLS from the provider's own address, and is believed as much as one that is not signed.
 */
export const claimsIn = (body: Buffer): Buffer | null => {
  const [, claims, ...rest] = body.toString('latin1').trim().split('.');
  return claims === undefined || rest.length !== 1 ? null : Buffer.from(claims, 'base64url');
};
