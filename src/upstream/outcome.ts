import type { Data } from '../domain/data.js';
import type { Format } from '../domain/gadget.js';
import type { RefusalRule } from '../domain/refusal-rule.js';
import { refusalIn } from '../domain/refusal-rule.js';
import type { Answer, NoAnswer } from '../net/http-client.js';
import { retryAfter } from '../net/retry-after.js';
import type { TokenRejected } from '../providers/provider.js';
import { detailIn, detailOf } from './error-detail.js';
import type { AnswerReader } from './readers/answer-reader.js';
import { type Body, decodeBody, NO_CONTENT, type Parsed } from './readers/parse.js';
import { asksForPassword, declaredOf, looksLikeSignIn, rejectionIn } from './token-rejection.js';
import type { TokenRejection, UpstreamOutcome } from './upstream-call.js';

/** What one call came to: data not yet dated, `unchanged` after a conditional request, or an outcome as it stands. */
export type Result =
  /** `body` is what it was read from, where reading it again is quick. */
  | { readonly kind: 'fetched'; readonly data: Data; readonly body: Body | null }
  | { readonly kind: 'unchanged' }
  | Exclude<UpstreamOutcome, { kind: 'data' }>;

/** How an answer is to be judged. */
export interface Judging {
  readonly format: Format;
  /** How this API says no within a 200, where it does. */
  readonly refused: RefusalRule | null;
  /** How this API rejects a token in its own way, where it does. */
  readonly declared: readonly TokenRejected[];
  /** Where it was asked. */
  readonly asked: URL;
  readonly now: number;
}

interface Question extends Judging {
  readonly answer: Answer;
  readonly contentType: string;
  /** The body of what is no data: sentences for people are short, so a longer one is not looked at. */
  readonly text: string;
  readonly reader: AnswerReader;
}

/** Bodies longer than this hold no sentence for people. */
const MOST_READ = 64 * 1024;

/** Longer pages are not looked at for where to sign in. */
const MOST_PAGE = 512 * 1024;

const unusable = (code: string, { contentType, text }: Question): Result => ({
  kind: 'unusable',
  code,
  detail: detailOf(contentType, text),
});

/** An answer without content, said so by its status; 200 with an empty body is broken. */
const isEmpty = ({ status, body }: Answer): boolean =>
  status === 204 || status === 205 || (body.length === 0 && status !== 200 && status !== 203);

/** The token is rejected by a 2xx: in a declared way, or by a sign-in page in the answer's place. */
const rejectedWith = (
  status: number,
  sign: TokenRejection['sign'],
  otherwise: TokenRejection['otherwise'],
): Result => ({ kind: 'unauthorized', sign, status, otherwise });

/** A page where data should be: one where people sign in, or any other. */
const page = ({ answer, asked, contentType }: Question, code: string): Result => {
  const unusable = { kind: 'unusable', code, detail: null } as const;
  const wasSentOn = answer.url.href !== asked.href && looksLikeSignIn(answer.url);
  const isSignIn =
    wasSentOn || (answer.body.length <= MOST_PAGE && asksForPassword(decodeBody(contentType, answer.body)));
  return isSignIn ? rejectedWith(answer.status, 'possible', unusable) : unusable;
};

const JWT = /^\s*application\/(?:[\w.-]+\+)?jwt\b/i;

/** Whether an answer comes signed, as userinfo may (OpenID Connect Core 1.0 §5.3.2). */
const isSigned = (contentType: string, format: Format): boolean => format === 'json' && JWT.test(contentType);

/**
 * The claims of a signed answer, as JSON; null where they are encrypted, or it is no JWT (RFC 7519 §7.2). The signature is not looked at:
 * the answer came over TLS from the provider's own address, and is believed as much as one that is not signed.
 */
const claimsIn = (body: Buffer): Buffer | null => {
  const [, claims, ...rest] = body.toString('latin1').trim().split('.');
  return claims === undefined || rest.length !== 1 ? null : Buffer.from(claims, 'base64url');
};

/** What there is to read; null for a signed answer that cannot be opened. */
const bodyOf = ({ answer, contentType, format }: Question): Body | null => {
  if (!isSigned(contentType, format)) return { format, contentType, bytes: answer.body };
  const claims = claimsIn(answer.body);
  return claims && { format, contentType: 'application/json', bytes: claims };
};

const fetched = (question: Question): Result | Promise<Result> => {
  const { answer, format, reader } = question;
  if (isEmpty(answer)) return { kind: 'fetched', data: NO_CONTENT[format], body: null };
  const body = bodyOf(question);
  if (body === null) return { kind: 'unusable', code: 'jwt-unreadable', detail: null };
  const parsed = reader.read(format, body.contentType, body.bytes);
  // Most are read by now; a promise for each would be one more for every call.
  return parsed instanceof Promise
    ? parsed.then((read) => judged(question, body, read))
    : judged(question, body, parsed);
};

/** What an answer came to that was read, or could not be. */
const judged = (question: Question, body: Body, parsed: Parsed): Result => {
  const { answer, refused, reader } = question;
  if ('code' in parsed) {
    if (parsed.code === 'html') return page(question, parsed.code);
    return parsed.code === 'too-slow'
      ? { kind: 'down', reason: parsed.code }
      : { kind: 'unusable', code: parsed.code, detail: null };
  }
  const declared = declaredOf(question, parsed.data);
  const refusal = refused === null ? null : refusalIn(parsed.data, refused);
  const saysDead = declared === 'rejected' || (refusal?.kind === 'expired' && declared === null);
  if (saysDead)
    return rejectedWith(answer.status, 'certain', { kind: 'forbidden', detail: detailIn(parsed.data) });
  if (refusal === null)
    return { kind: 'fetched', data: parsed.data, body: reader.isQuick(body.bytes) ? body : null };
  return { kind: 'unusable', code: 'refused', detail: detailIn(parsed.data) ?? refusal.code };
};

/** RFC 6750 §3.1: the token is good, but not for this. */
const lacksScope = ({ answer }: Question): boolean =>
  /\berror\s*=\s*"?insufficient_scope\b/i.test(String(answer.headers['www-authenticate'] ?? ''));

/** The words of a limit, where a status does not say that it is one. */
const OF_LIMIT =
  /rate[\s_-]*limit|(?:secondary|abuse)[\s_-]+(?:rate|limit|detection)|too[\s_-]*many[\s_-]*requests|throttl|quota|limit[\s_-]*exceeded|exceeded[^.]{0,40}\blimit|slow[\s_-]*down|user_?rate|requests? per (?:second|minute|hour|day)/i;

/** Whether a refusal is certainly a limit, whatever it is about: its words may be those of what was asked for. */
export const isLimitByHeaders = ({ headers }: Pick<Answer, 'headers'>): boolean =>
  headers['retry-after'] !== undefined ||
  String(headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'] ?? '').trim() === '0';

/** Some providers say 403 when a person has asked too often: by a header, or by the body alone. */
const limits = ({ answer, contentType, text }: Question): boolean => {
  const { headers } = answer;
  if (headers['retry-after'] !== undefined || OF_LIMIT.test(text)) return true;
  // The last request that was allowed may have been refused for another reason, which the body says.
  const remaining = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'];
  return String(remaining ?? '').trim() === '0' && detailOf(contentType, text) === null;
};

const forbidden = (question: Question): Result => {
  if (lacksScope(question)) return { kind: 'insufficient-scope' };
  if (limits(question)) return limited(question);
  return { kind: 'forbidden', detail: detailOf(question.contentType, question.text) };
};

const missing = ({ contentType, text }: Question): Result => ({
  kind: 'not-found',
  detail: detailOf(contentType, text),
});

const limited = ({ answer, now }: Question): Result => ({
  kind: 'rate-limited',
  retryAfter: retryAfter(answer.headers, now),
});

/** A 403 in words that may be about a token, and are certainly about a limit. */
const isOverLimit = (question: Question, { sign, status }: TokenRejection): boolean =>
  status === 403 && sign === 'possible' && limits(question);

type Meaning = (question: Question) => Result | Promise<Result>;

/** The one table from a provider's status to what it means to us; the first row whose range holds the status decides. */
const TABLE: readonly (readonly [from: number, to: number, meaning: Meaning])[] = [
  // RFC 9110 §15: a success that is not known is one.
  [200, 299, fetched],
  [304, 304, () => ({ kind: 'unchanged' })],
  [300, 399, () => ({ kind: 'unusable', code: 'redirect', detail: null })],
  // A 401 is a rejected token, unless the record says that it never is one here.
  [401, 401, forbidden],
  [403, 403, forbidden],
  [404, 404, missing],
  [410, 410, missing],
  [408, 408, () => ({ kind: 'down', reason: 'status-408' })],
  // 420 is what 429 was called before there was one.
  [420, 420, limited],
  [429, 429, limited],
  [500, 599, ({ answer }) => ({ kind: 'down', reason: `status-${answer.status}` })],
  [100, 999, (question) => unusable(`status-${question.answer.status}`, question)],
];

/** Judges a call. */
export const resultOf = (
  reader: AnswerReader,
  answer: Answer | NoAnswer,
  judging: Judging,
): Result | Promise<Result> => {
  if (answer.kind !== 'answer') {
    const { kind, code } = answer;
    return kind === 'down' ? { kind, reason: code } : { kind, code, detail: null };
  }
  const contentType = String(answer.headers['content-type'] ?? '');
  const isData = answer.status >= 200 && answer.status <= 299;
  const text = isData || answer.body.length > MOST_READ ? '' : decodeBody(contentType, answer.body);
  const { format, refused, declared, asked, now } = judging;
  const question = { format, refused, declared, asked, now, answer, contentType, text, reader };
  const rejection = isData || lacksScope(question) ? null : rejectionIn(question);
  if (rejection !== null && rejection !== 'never' && !isOverLimit(question, rejection)) return rejection;
  const row = TABLE.find(([from, to]) => answer.status >= from && answer.status <= to);
  return row === undefined ? unusable('status-unknown', question) : row[2](question);
};
