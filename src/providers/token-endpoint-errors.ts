import type { Data } from '../domain/data.js';
import { refusalIn as ruleRefusal } from '../domain/refusal-rule.js';
import { UnreadableBody } from '../net/answer-body.js';
import { retryAfter } from '../net/retry-after.js';
import type { Provider } from './provider.js';
import type { TokenFailure } from './token-outcome.js';

/** What a server's word for a failure is about. */
export type Meaning = 'grant' | 'client' | 'registration' | 'load' | 'server';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Words of servers in use. Letters in small, everything between them an underscore; see `plain`. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>(
  (
    [
      [
        'grant',
        `invalid_grant bad_refresh_token invalid_refresh_token refresh_token_invalid refresh_token_not_found refresh_token_expired
        expired_refresh_token refresh_token_revoked revoked_refresh_token refresh_token_already_used refresh_token_reused
        refresh_token_inactive refresh_token_malformed unknown_refresh_token refresh_token_unknown unknown_or_invalid_refresh_token
        missing_or_invalid_refresh_token refresh_token_expired_or_revoked refresh_token_invalid_or_expired invalid_or_expired_refresh_token
        refresh_token_not_valid refresh_token_invalid_expired_or_revoked refresh_token_does_not_exist no_such_refresh_token
        expired_access_refresh_token token_expired expired_token token_revoked revoked_token token_expired_or_revoked token_invalid
        invalid_token invalid_or_expired_token token_inactive inactive_token token_not_found token_not_active session_not_found
        session_expired session_not_active grant_expired grant_revoked grant_not_found authorization_revoked access_revoked
        user_revoked_auth interaction_required login_required consent_required account_selection_required account_inactive
        inactive_user user_disabled user_not_found user_suspended bad_verification_code invalid_code bad_oauth_token`,
      ],
      [
        'client',
        `invalid_client invalid_client_id invalid_client_secret bad_client_id bad_client_secret incorrect_client_credentials
        invalid_client_credentials client_authentication_failed unknown_client client_not_found`,
      ],
      ['registration', 'unauthorized_client unsupported_grant_type'],
      [
        'load',
        `slow_down rate_limited ratelimited rate_limit_exceeded rate_limit_reached too_many_requests too_many_attempts
        over_request_rate_limit over_rate_limit quota_exceeded throttled throttling throttling_exception request_limit_exceeded`,
      ],
      [
        'server',
        'server_error temporarily_unavailable service_unavailable internal_error internal_server_error request_timeout',
      ],
    ] as const
  ).flatMap(([meaning, text]) => words(text).map((word) => [word, meaning] as const)),
);

/** Microsoft says what it means by numbers in its description, beside an error that may be any. */
const MICROSOFT: Readonly<Record<string, Meaning>> = Object.fromEntries(
  (
    [
      [
        'grant',
        `50034 50055 50057 50058 50074 50076 50078 50079 50089 50105 50133 50158 50173 53003 65001 70000 70008 70043 500133 700081
        700082 700084`,
      ],
      ['client', '7000215 7000222 700016 700027 7000218'],
    ] as const
  ).flatMap(([meaning, text]) => words(text).map((number) => [number, meaning] as const)),
);

/** What says nothing in a sentence such as "The refresh token is invalid". */
const FILLING = /\b(the|your|this|that|a|an|is|was|has|have|been|provided|supplied|given|specified)\b/g;

/** `Refresh token has been revoked.` and `refresh-token-revoked` are the same word. */
const plain = (text: string): string =>
  text
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .replaceAll(FILLING, ' ')
    .trim()
    .replaceAll(/\s+/g, '_');

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof UnreadableBody);

/** Where servers write a code, and where a sentence; in the order in which they count. */
const CODES = ['error', 'error_code', 'errorCode', 'code', '__type', 'status', 'type'];
const SENTENCES = ['error_description', 'message', 'msg', 'error_msg', 'error_message', 'detail', 'title'];
const NESTED = ['error', 'errors', 'fault', 'data'];

/** A sentence is short: longer ones are pages. */
const LONGEST = 400;

interface Said {
  readonly text: string;
  readonly isCode: boolean;
}

/** Every text of an answer that may say what went wrong, codes before sentences, outer before inner. */
const saidIn = (body: unknown, depth = 0): readonly Said[] => {
  if (depth > 3) return [];
  if (Array.isArray(body)) return body.slice(0, 5).flatMap((each) => saidIn(each, depth + 1));
  if (typeof body === 'string') return depth === 0 ? [] : [{ text: body, isCode: true }];
  if (!isRecord(body)) return [];
  const texts = (names: readonly string[], isCode: boolean): readonly Said[] =>
    names.flatMap((name) => {
      const value = Object.hasOwn(body, name) ? body[name] : undefined;
      return typeof value === 'string' && value !== '' && value.length <= LONGEST
        ? [{ text: value, isCode }]
        : [];
    });
  const nested = NESTED.flatMap((name) => {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    return typeof value === 'object' ? saidIn(value, depth + 1) : [];
  });
  return [...texts(CODES, true), ...nested, ...texts(SENTENCES, false)];
};

/** A server's word: as RFC 6749 has it where the record or this list knows it. */
export interface FailureWord {
  readonly meaning: Meaning | null;
  /** Harmless to log: letters and joiners, or a code of our own list. */
  readonly code: string;
}

/** Codes are letters and joiners, or a short number, so that no token a server may echo passes for one. */
const CODE = /^(?:[a-z][a-z_-]{0,63}|-?\d{1,9})$/i;

const microsoft = (text: string): FailureWord | null => {
  const number = /\bAADSTS(\d{5,7})\b/.exec(text)?.[1];
  const meaning = number !== undefined && Object.hasOwn(MICROSOFT, number) ? MICROSOFT[number] : undefined;
  return meaning === undefined
    ? null
    : { meaning, code: meaning === 'client' ? 'invalid_client' : 'invalid_grant' };
};

const known = ({ text, isCode }: Said, { errorCodes }: Provider): FailureWord | null => {
  if (Object.hasOwn(errorCodes, text)) {
    const code = errorCodes[text] ?? text;
    return { meaning: MEANINGS.get(plain(code)) ?? null, code: CODE.test(code) ? code : 'unknown_error' };
  }
  const word = plain(text);
  const meaning = MEANINGS.get(word);
  if (meaning !== undefined)
    return { meaning, code: meaning === 'client' ? 'invalid_client' : isCode ? word : `said-${meaning}` };
  return microsoft(text);
};

/** What the record's own rule says of an answer that refuses; undefined where it has none, or the answer does not refuse by it. */
const declaredIn = (body: unknown, { refused }: Provider): ReturnType<typeof ruleRefusal> | undefined =>
  refused !== undefined && isRecord(body) ? ruleRefusal(body as Data, refused) : undefined;

/** The first thing an answer says whose meaning is known, else its first code; null when it says nothing. */
export const wordIn = (body: unknown, provider: Provider): FailureWord | null => {
  const declared = declaredIn(body, provider)?.code ?? null;
  const all = [...(declared === null ? [] : [{ text: declared, isCode: true }]), ...saidIn(body)];
  for (const said of all) {
    const found = known(said, provider);
    if (found !== null) return found;
  }
  const [first] = all;
  if (first === undefined) return null;
  return { meaning: null, code: first.isCode && CODE.test(first.text) ? first.text : 'unknown_error' };
};

/** A token or revocation endpoint's answer. Nothing else of an error that brought one is looked at or kept: it holds credentials. */
export interface AnsweredRequest {
  readonly status: number;
  /** By names in small letters; those of one value only. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the body says; an `UnreadableBody` where that cannot be read. */
  readonly body: unknown;
}

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
  const declared = declaredIn(body, provider);
  if (declared) {
    const said = wordIn(body, provider) ?? { meaning: null, code: 'refused' };
    // Here the token that is not good any more is the one that was shown: the refresh token.
    return declared.kind === 'expired' && said.meaning === null
      ? { kind: 'invalid-grant', code: said.code }
      : failureSaid(said);
  }
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
  // Alone: what is left of a quota stands on good refusals too.
  const wait = retryAfter({ 'retry-after': headers['retry-after'] }, now);
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
