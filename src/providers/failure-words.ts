import { UnreadableBody } from '../net/answer-body.js';
import type { Provider } from './provider.js';

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

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
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

/** Codes are letters and joiners, so that no token a server may echo passes for one. */
const CODE = /^[a-z][a-z_-]{0,63}$/i;

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

/** The first thing an answer says whose meaning is known, else its first code; null when it says nothing. */
export const wordIn = (body: unknown, provider: Provider): FailureWord | null => {
  const all = saidIn(body);
  for (const said of all) {
    const found = known(said, provider);
    if (found !== null) return found;
  }
  const [first] = all;
  if (first === undefined) return null;
  return { meaning: null, code: first.isCode && CODE.test(first.text) ? first.text : 'unknown_error' };
};
