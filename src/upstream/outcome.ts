import type { Format } from '../domain/gadget.js';
import type { Data, UpstreamOutcome } from '../domain/ports.js';
import type { Answer, NoAnswer } from './client.js';
import { detailOf } from './detail.js';
import { decodeBody, isHtml, parse } from './parse.js';
import { retryAfter } from './retry-after.js';

/** What one call came to: data not yet dated, `unchanged` after a conditional request, or an outcome as it stands. */
export type Result =
  | { readonly kind: 'fetched'; readonly data: Data }
  | { readonly kind: 'unchanged' }
  | Exclude<UpstreamOutcome, { kind: 'data' }>;

interface Question {
  readonly answer: Answer;
  readonly contentType: string;
  readonly text: string;
  readonly format: Format;
  readonly now: number;
}

const unusable = (code: string, { contentType, text }: Question): Result => ({
  kind: 'unusable',
  code,
  detail: detailOf(contentType, text),
});

const fetched = (question: Question): Result => {
  const { contentType, text, format } = question;
  if (isHtml(contentType, text)) return { kind: 'unusable', code: 'html', detail: null };
  const parsed = parse(format, text);
  return 'data' in parsed
    ? { kind: 'fetched', data: parsed.data }
    : { kind: 'unusable', code: parsed.code, detail: null };
};

/** RFC 6750 §3.1: the token is good, but not for this. */
const lacksScope = ({ answer }: Question): boolean =>
  /\berror\s*=\s*"?insufficient_scope\b/i.test(String(answer.headers['www-authenticate'] ?? ''));

/** Some providers say 403 when a person has asked too often. */
const limits = ({ answer }: Question): boolean =>
  answer.headers['retry-after'] !== undefined || answer.headers['x-ratelimit-remaining'] === '0';

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

/** The one table from a provider's status to what it means to us; the first row whose range holds the status decides. */
const TABLE: readonly (readonly [from: number, to: number, meaning: (question: Question) => Result])[] = [
  [200, 200, fetched],
  [203, 203, fetched],
  [304, 304, () => ({ kind: 'unchanged' })],
  [300, 399, () => ({ kind: 'unusable', code: 'redirect', detail: null })],
  [401, 401, () => ({ kind: 'unauthorized' })],
  [403, 403, forbidden],
  [404, 404, missing],
  [410, 410, missing],
  [408, 408, () => ({ kind: 'down', reason: 'status-408' })],
  [429, 429, limited],
  [500, 599, ({ answer }) => ({ kind: 'down', reason: `status-${answer.status}` })],
  [100, 999, (question) => unusable(`status-${question.answer.status}`, question)],
];

/** Judges a call. */
export const resultOf = (answer: Answer | NoAnswer, format: Format, now: number): Result => {
  if (answer.kind !== 'answer') {
    const { kind, code } = answer;
    return kind === 'down' ? { kind, reason: code } : { kind, code, detail: null };
  }
  const contentType = String(answer.headers['content-type'] ?? '');
  const question = { answer, contentType, text: decodeBody(contentType, answer.body), format, now };
  const row = TABLE.find(([from, to]) => answer.status >= from && answer.status <= to);
  return row === undefined ? unusable('status-unknown', question) : row[2](question);
};
