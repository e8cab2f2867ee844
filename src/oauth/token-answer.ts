import type { TokenSet } from '../domain/connection.js';
import type { TokenFailure, TokenOutcome } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import { Secret } from '../domain/secret.js';

/** Characters of one token: it has to fit into a request header. */
const LONGEST_TOKEN = 16 * 1024;
/** Seconds. What lives longer than a year, or says so in a way of its own, is used until the API answers 401. */
const LONGEST_LIFE = 365 * 24 * 60 * 60;

/** The refresh was a request with this refresh token, which stays in use unless the answer brings another (RFC 6749 §6). */
interface Asked {
  readonly at: number;
  readonly refreshToken: Secret | null;
}

const malformed = (code: string): TokenFailure => ({ kind: 'protocol-error', code });

const isToken = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && value.length <= LONGEST_TOKEN && pattern.test(value);

/** Seconds a token lives, from a whole number or its digits (RFC 6749 §5.1); null when that is not what is there. */
const lifeOf = (value: unknown): number | null => {
  const seconds = typeof value === 'string' && /^\d{1,8}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) return null;
  return seconds >= 1 && seconds <= LONGEST_LIFE ? seconds : null;
};

/** Scopes are separated by spaces (RFC 6749 §3.3), on some servers by commas, or are a list; undefined when neither. */
const scopesOf = (value: unknown, asked: readonly string[]): readonly string[] | null | undefined => {
  if (value === undefined || value === null || value === '') return null;
  if (Array.isArray(value)) return value.every((scope) => typeof scope === 'string') ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const separator = asked.some((scope) => scope.includes(',')) ? / +/ : /[ ,]+/;
  return value.split(separator).filter((scope) => scope !== '');
};

const typeFits = (value: unknown, provider: Provider): boolean => {
  if (value === undefined || value === null) return provider.tokenType === 'absent';
  return typeof value === 'string' && value.toLowerCase() === 'bearer';
};

/**
 * A token endpoint's answer, trusted in nothing: `answer` is whatever JSON the server sent. Its `expires_at` is ignored, since
 * servers disagree on what that means.
 */
export const tokensIn = (
  answer: Readonly<Record<string, unknown>>,
  provider: Provider,
  asked: Asked,
): TokenOutcome => {
  if (!isToken(answer.access_token, /^[\x21-\x7e]+$/)) return malformed('access-token-unusable');
  if (!typeFits(answer.token_type, provider)) return malformed('token-type-unknown');
  const scopes = scopesOf(answer.scope, provider.scopes);
  if (scopes === undefined) return malformed('scope-unreadable');
  const renewed = answer.refresh_token ?? '';
  if (renewed !== '' && !isToken(renewed, /^[\x20-\x7e]+$/)) return malformed('refresh-token-unusable');
  const life = lifeOf(answer.expires_in);
  const tokens: TokenSet = {
    accessToken: new Secret(answer.access_token),
    refreshToken: renewed === '' ? asked.refreshToken : new Secret(renewed),
    issuedAt: asked.at,
    expiresAt: life === null ? null : asked.at + life * 1000,
    scopes,
  };
  return { kind: 'tokens', tokens };
};
