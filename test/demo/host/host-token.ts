import { createHmac } from 'node:crypto';

export interface HostTokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  /** Seconds since the epoch; at most 120 s apart. */
  readonly iat: number;
  readonly exp: number;
  /** Never used twice. */
  readonly jti: string;
  readonly name?: string;
  readonly email?: string;
  readonly gadget?: string;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs who is looking, for Oriel: a JWT (RFC 7519) with HS256. */
export const signHostToken = (claims: HostTokenClaims, secret: string): string => {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};
