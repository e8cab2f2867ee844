import type { TokenSet } from '../domain/connection.js';
import { Secret } from '../domain/secret.js';
import type { Clock } from '../domain/system.js';
import { bodyOf } from '../net/answer-body.js';
import { Overdue } from '../net/deadline.js';
import { failureCode } from '../net/network-failure.js';
import type { Provider } from './provider.js';
import { type AnsweredRequest, isRecord, refusalIn } from './token-endpoint-errors.js';
import type { TokenFailure, TokenOutcome } from './token-outcome.js';

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/** The answer that an error of simple-oauth2's HTTP client reports; null when none had arrived. */
export const answerIn = (error: unknown): AnsweredRequest | null => {
  const data = field(error, 'data');
  const response = field(data, 'res');
  const status = field(response, 'statusCode');
  if (typeof status !== 'number') return null;
  const headers = Object.entries(field(response, 'headers') ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value.trim()] as const] : [],
  );
  const payload = field(data, 'payload');
  return {
    status,
    headers: Object.fromEntries(headers),
    body: Buffer.isBuffer(payload) ? bodyOf(payload) : payload,
  };
};

/** What a token request came to that got no answer, as a closed set; `sentTo` is where it was redirected to, where that is known. */
export const failureIn = (error: unknown, sentTo: string | null): TokenFailure => {
  if (error instanceof Overdue) return { kind: 'unreachable', code: 'timeout' };
  // Of an id or secret that no request can carry; its message shows them.
  if (field(error, 'name') === 'ValidationError') return { kind: 'invalid-client', code: 'client-unusable' };
  // Whatever else simple-oauth2 throws, it stumbled over an answer that is no JSON object.
  if (field(error, 'isBoom') !== true) return { kind: 'protocol-error', code: 'not-an-object' };
  // A redirect that may not be followed comes with the list of places it was at.
  if (Array.isArray(field(error, 'data')))
    return { kind: 'protocol-error', code: sentTo === null ? 'redirected' : `redirected to ${sentTo}` };
  const code = failureCode(error);
  const isTimeout = code === 'network' && field(field(error, 'output'), 'statusCode') === 504;
  return { kind: 'unreachable', code: isTimeout ? 'timeout' : code };
};

/** Characters of one token: it has to fit into a request header. */
const LONGEST_TOKEN = 16 * 1024;
/** Seconds. What lives longer than a year, or says so in a way of its own, is used until the API answers 401. */
const LONGEST_LIFE = 365 * 24 * 60 * 60;
/** Scopes that are remembered, and characters of one. */
const MOST_SCOPES = 200;
const SCOPE = /^[\x21-\x7e]{1,200}$/;
/** What stands between scopes in answers of a server that separates them in a way of its own, which often answers in another. */
const SEPARATORS = /[\s,;+|]+/;

/** The refresh was a request with this refresh token, which stays in use unless the answer brings another (RFC 6749 §6). */
export interface Asked {
  readonly at: number;
  readonly refreshToken: Secret | null;
}

const malformed = (code: string): TokenFailure => ({ kind: 'protocol-error', code });

const isToken = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && value.length <= LONGEST_TOKEN && pattern.test(value);

/** Seconds a token lives, from a number or its digits (RFC 6749 §5.1); null when that is not what is there. */
const lifeOf = (value: unknown): number | null => {
  const digits = typeof value === 'string' && /^\d{1,8}(?:\.\d{1,6})?$/.test(value.trim());
  const seconds = digits ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return null;
  return seconds >= 1 && seconds <= LONGEST_LIFE ? Math.floor(seconds) : null;
};

/**
 * Scopes are separated by spaces (RFC 6749 §3.3), on some servers by commas, or are a list. Null, which means those that were asked for
 * (§5.1), where there is nothing of that kind.
 */
const scopesOf = (
  value: unknown,
  { scopes: asked, scopeSeparator }: Pick<Provider, 'scopes' | 'scopeSeparator'>,
): readonly string[] | null => {
  const usual = asked.some((scope) => scope.includes(',')) ? /\s+/ : /[\s,]+/;
  const separator = scopeSeparator === undefined || scopeSeparator === ' ' ? usual : SEPARATORS;
  const found: readonly unknown[] = typeof value === 'string' ? value.split(separator) : [value].flat();
  const scopes = found.filter((scope): scope is string => typeof scope === 'string' && SCOPE.test(scope));
  return scopes.length === 0 ? null : scopes.slice(0, MOST_SCOPES);
};

/** What stands at a path of keys joined by dots. */
const at = (body: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce((value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined), body);

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

const typeFits = (value: unknown, { tokenType }: Provider): boolean => {
  if (tokenType === 'any') return true;
  if (isAbsent(value)) return tokenType === 'absent';
  return typeof value === 'string' && value.trim().toLowerCase() === 'bearer';
};

/** The tokens of a good answer. Its `expires_at` is ignored, since servers disagree on what that means. */
const tokensIn = (
  answer: Readonly<Record<string, unknown>>,
  provider: Provider,
  asked: Asked,
): TokenOutcome => {
  if (!isToken(answer.access_token, /^[\x21-\x7e]+$/)) return malformed('access-token-unusable');
  if (!typeFits(answer.token_type, provider)) return malformed('token-type-unknown');
  // What is no text says that there is none, in one way or another: false, null, {}.
  const renewed = typeof answer.refresh_token === 'string' ? answer.refresh_token : '';
  if (renewed !== '' && !isToken(renewed, /^[\x20-\x7e]+$/)) return malformed('refresh-token-unusable');
  const life = isAbsent(answer.expires_in) ? (provider.accessTokenLife ?? null) : lifeOf(answer.expires_in);
  const tokens: TokenSet = {
    accessToken: new Secret(answer.access_token),
    refreshToken: renewed === '' ? asked.refreshToken : new Secret(renewed),
    issuedAt: asked.at,
    expiresAt: life === null ? null : asked.at + life * 1000,
    scopes: scopesOf(answer.scope, provider),
  };
  return { kind: 'tokens', tokens };
};

/**
 * The one judge of a token endpoint's answer, trusted in nothing: consents, refreshes and the dry run hear the same from it. Extras of a
 * good answer that mean nothing to us never refuse it.
 */
export const judgeAnswer = (
  answer: AnsweredRequest,
  provider: Provider,
  asked: Asked,
  now: ReturnType<Clock['now']>,
): TokenOutcome => {
  const refusal = refusalIn(answer, provider, now);
  if (!('body' in refusal)) return refusal;
  const held = provider.tokenAt === undefined ? refusal.body : at(refusal.body, provider.tokenAt);
  if (!isRecord(held)) return malformed('tokens-missing');
  const outcome = tokensIn(held, provider, asked);
  // Of a refresh nothing else is looked up.
  return outcome.kind === 'tokens' && asked.refreshToken === null
    ? { ...outcome, answer: new Secret(JSON.stringify(refusal.body)) }
    : outcome;
};
