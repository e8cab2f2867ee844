import { bodyOf } from '../net/answer-body.js';
import { Overdue } from '../net/deadline.js';
import { failureCode } from '../net/network-failure.js';
import { type AnsweredRequest, isRecord } from './refusal.js';
import type { TokenFailure } from './token-outcome.js';

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
