import { UnreadableBody } from '../net/answer-body.js';
import { type FailureWord, wordIn } from './failure-words.js';
import type { Provider } from './provider.js';
import type { TokenFailure } from './token-outcome.js';

/** A token or revocation endpoint's answer. Nothing else of an error that brought one is looked at or kept: it holds credentials. */
export interface AnsweredRequest {
  readonly status: number;
  /** By names in small letters; those of one value only. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the body says; an `UnreadableBody` where that cannot be read. */
  readonly body: unknown;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof UnreadableBody);

/** Seconds. A server that asks for more is asked again after an hour. */
const LONGEST_WAIT = 3600;

/** `Retry-After` in seconds, from digits or a date (RFC 9110 §10.2.3). */
const waitOf = (text: string | null, now: number): number | null => {
  if (text === null) return null;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), LONGEST_WAIT);
};

/** Beside a token some servers say in one way or another that nothing is wrong: null, "", false, 0, {} and []. */
const saysNothing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null
    ? Object.keys(error).length === 0
    : !error || (typeof error === 'string' && error.trim() === '');

/** The server's error code in the words of RFC 6749 §5.2; null when the body names none. */
export const errorCodeIn = (body: unknown, provider: Provider): string | null => {
  if (!isRecord(body) || !Object.hasOwn(body, 'error') || saysNothing(body.error)) return null;
  return wordIn(body, provider)?.code ?? 'unknown_error';
};

const failureSaid = ({ meaning, code }: FailureWord): TokenFailure => {
  switch (meaning) {
    case 'grant':
      return { kind: 'invalid-grant', code };
    case 'client':
    case 'registration':
      return { kind: 'invalid-client', code };
    case 'load':
      return { kind: 'rate-limited', retryAfter: null };
    case 'server':
      return { kind: 'unreachable', code, answered: true };
    case null:
      return { kind: 'refused', code };
  }
};

/** What a good status brings that is no good answer: some servers refuse with 200. Null when nothing says so. */
const refusedWith200 = (body: unknown, provider: Provider): TokenFailure | null => {
  const hasToken = isRecord(body) && typeof body.access_token === 'string' && body.access_token !== '';
  if (hasToken && errorCodeIn(body, provider) === null) return null;
  const word = wordIn(body, provider);
  if (word === null) return null;
  // A word that is no name for a failure, such as `type: "object"`, is none where no error is named.
  const names = ['error', 'error_code', 'errorCode', 'errors'];
  const isNamed = isRecord(body) && names.some((name) => !saysNothing(body[name]));
  return word.meaning !== null || isNamed ? failureSaid(word) : null;
};

/** What an answer refuses, or the object in which it does not. */
export const refusalIn = (
  answer: AnsweredRequest,
  provider: Provider,
  now: number,
): TokenFailure | { readonly body: Readonly<Record<string, unknown>> } => {
  const { status, body } = answer;
  if (status >= 300) return refusalOf(answer, provider, now);
  if (body instanceof UnreadableBody && body.code !== 'empty')
    return { kind: 'unreachable', code: body.code, answered: true };
  const refused = refusedWith200(body, provider);
  if (refused !== null) return refused;
  return isRecord(body) ? { body } : { kind: 'protocol-error', code: 'not-an-object' };
};

/** Statuses by which a server refuses (RFC 6749 §5.2, and what others use for the same). */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 422]);

/** RFC 6585 §4, and what some servers said before there was that. */
const LIMITS: ReadonlySet<number> = new Set([420, 429]);

const hasNoRequestsLeft = ({ headers }: AnsweredRequest): boolean =>
  headers['x-ratelimit-remaining'] === '0' || headers['ratelimit-remaining'] === '0';

/** RFC 6749 §5.2: the server objects to how we authenticated as a client. */
const objectsToClient = ({ status, headers }: AnsweredRequest): boolean =>
  status === 401 && /^\s*basic\b/i.test(headers['www-authenticate'] ?? '');

/** What an answer that brings no tokens came to. */
const refusalOf = (answer: AnsweredRequest, provider: Provider, now: number): TokenFailure => {
  const { status, headers, body } = answer;
  const wait = waitOf(headers['retry-after'] ?? null, now);
  if (LIMITS.has(status)) return { kind: 'rate-limited', retryAfter: wait };
  const word = wordIn(body, provider);
  if (status >= 500 || status === 408)
    return {
      kind: 'unreachable',
      code: `http-${status}`,
      answered: true,
      ...(word?.meaning === 'grant' && { refusal: true }),
      ...(wait !== null && { retryAfter: wait }),
    };
  const failure = word === null ? null : failureSaid(word);
  const isPlain = failure === null || failure.kind === 'refused';
  if (failure?.kind === 'rate-limited' || (isPlain && (wait !== null || hasNoRequestsLeft(answer))))
    return { kind: 'rate-limited', retryAfter: wait };
  return failure ?? wordless(answer);
};

/** What a refusal without any word is about. */
const wordless = (answer: AnsweredRequest): TokenFailure => {
  const { status, body } = answer;
  if (objectsToClient(answer)) return { kind: 'invalid-client', code: `http-${status}` };
  if (isRecord(body)) return { kind: 'refused', code: `http-${status}` };
  // Without a word of the token endpoint it may be something before it that spoke.
  return {
    kind: 'unreachable',
    code: `http-${status}`,
    answered: true,
    ...(REFUSALS.has(status) && { refusal: true }),
  };
};
