import type { Actor } from './actor.js';

/** A person who looks after this server. */
export interface Admin {
  readonly id: string;
  /** What they sign in as; unique, compared without regard to case. */
  readonly name: string;
  /** Whether a password was set; those who sign in by OpenID Connect alone have none. */
  readonly hasPassword: boolean;
  /** Subject at the configured issuer, once they signed in by OpenID Connect. */
  readonly subject: string | null;
  readonly createdAt: number;
  readonly lastSignInAt: number | null;
  /** Grows with every change of password and at removal: sessions of an older version end. */
  readonly version: number;
}

/** What an API key may do. Everything is denied that is not named. */
export const API_SCOPES = [
  'providers:read',
  'providers:write',
  'hosts:read',
  'hosts:write',
  'connections:read',
  'connections:write',
  'audit:read',
  'overview:read',
  'admins:read',
  'admins:write',
  'configuration:reload',
  'keys:rotate',
  'backup:read',
] as const;

export type ApiScope = (typeof API_SCOPES)[number];

/** A key of the administration API, without its secret: only a hash of that is kept. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly createdAt: number;
  readonly createdBy: string;
  /** Id of the administrator who made it, or made the key that made it; null where that was a command. */
  readonly createdByAdmin: string | null;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** Whether requests with this key are answered. */
export const isGood = (
  { revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>,
  now: number,
): boolean => revokedAt === null && now < expiresAt;

/** An administrator, as the audit log names who did something. */
export const actorOf = ({ id, name }: Admin): Actor => ({ kind: 'admin', id, name });
