import type { TokenSet } from '../domain/connection.js';
import type { TokenOutcome } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import { Secret } from '../domain/secret.js';
import { refusal } from './token-failure.js';

/** Longer tokens do not fit into a header of most servers. */
const LONGEST_TOKEN = 16 * 1024;

/** A lifetime beyond a year is a mistake of units. */
const LONGEST_LIFE = 31_536_000;

const MOST_SCOPES = 100;

/** What may travel in a header as it is: visible ASCII. */
const isToken = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST_TOKEN && /^[\x21-\x7e]+$/.test(value);

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/** Whole seconds of `expires_in` (RFC 6749 §5.1), as a number or in digits; null, meaning unknown, for anything else. */
const lifetime = (value: unknown): number | null => {
  const isDigits = typeof value === 'string' && /^\d{1,8}$/.test(value);
  const seconds = isDigits ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) return null;
  return seconds >= 1 && seconds <= LONGEST_LIFE ? seconds : null;
};

/** Scopes as a text separated by spaces (RFC 6749 §3.3), by commas or as a list; undefined when it is none of these. */
const scopesOf = (value: unknown): readonly string[] | null | undefined => {
  if (isAbsent(value)) return null;
  const scopes = typeof value === 'string' ? value.split(/[ ,]+/).filter((scope) => scope !== '') : value;
  if (!Array.isArray(scopes) || scopes.length > MOST_SCOPES) return undefined;
  const all: unknown[] = scopes;
  return all.every((scope) => isToken(scope)) ? all : undefined;
};

const fits = (type: unknown, rule: Provider['tokenType']): boolean => {
  if (isAbsent(type)) return rule === 'absent';
  return typeof type === 'string' && type.toLowerCase() === 'bearer';
};

const broken = (code: string): TokenOutcome => ({ kind: 'protocol-error', code });

/**
 * Judges what a token endpoint sent (RFC 6749 §5.1). Nothing in it is believed: the expiry is counted by our clock from `issuedAt`,
 * when the request was sent, and a date the server names is ignored. `old` is kept as refresh token when none is sent (§6).
 */
export const tokensOf = (
  payload: Readonly<Record<string, unknown>>,
  provider: Provider,
  issuedAt: number,
  old: Secret | null,
): TokenOutcome => {
  if (!isAbsent(payload.error)) return refusal(payload.error, provider);
  if (!isToken(payload.access_token)) return broken('access-token');
  if (!fits(payload.token_type, provider.tokenType)) return broken('token-type');
  const { refresh_token: sent } = payload;
  if (!isAbsent(sent) && !isToken(sent)) return broken('refresh-token');
  const scopes = scopesOf(payload.scope);
  if (scopes === undefined) return broken('scope');
  const seconds = lifetime(payload.expires_in);
  const tokens: TokenSet = {
    accessToken: new Secret(payload.access_token),
    refreshToken: isToken(sent) ? new Secret(sent) : old,
    issuedAt,
    expiresAt: seconds === null ? null : issuedAt + seconds * 1000,
    scopes,
  };
  return { kind: 'tokens', tokens };
};
