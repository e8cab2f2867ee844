import type { TokenFailure } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import { bodyOf, UnreadableBody } from './answer-body.js';
import { Overdue } from './deadline.js';

/** A token or revocation endpoint's answer. Nothing else of an error that brought one is looked at or kept: it holds credentials. */
export interface AnsweredRequest {
  readonly status: number;
  readonly retryAfter: string | null;
  /** What the body says; an `UnreadableBody` where that cannot be read. */
  readonly body: unknown;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof UnreadableBody);

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/** The answer that an error of simple-oauth2's HTTP client tells of; null when none had arrived. */
export const answerIn = (error: unknown): AnsweredRequest | null => {
  const data = field(error, 'data');
  const response = field(data, 'res');
  const status = field(response, 'statusCode');
  if (typeof status !== 'number') return null;
  const wait = field(field(response, 'headers'), 'retry-after');
  const payload = field(data, 'payload');
  return {
    status,
    retryAfter: typeof wait === 'string' ? wait.trim() : null,
    body: Buffer.isBuffer(payload) ? bodyOf(payload) : payload,
  };
};

/** Seconds. A server that asks for more is asked again after an hour. */
const LONGEST_WAIT = 3600;

/** `Retry-After` in seconds, from digits or a date (RFC 9110 §10.2.3). */
const waitOf = (text: string | null, now: number): number | null => {
  if (text === null) return null;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 0), LONGEST_WAIT);
};

/** Codes are letters and joiners, so that no token a server may echo passes for one. */
const CODE = /^[a-z][a-z_-]{0,63}$/i;

/** Beside a token some servers say in one way or another that nothing is wrong: null, "", false, 0, {} and []. */
const saysNothing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null
    ? Object.keys(error).length === 0
    : !error || (typeof error === 'string' && error.trim() === '');

/** The server's error code in the words of RFC 6749 §5.2; null when the body names none. */
export const errorCodeIn = (body: unknown, provider: Provider): string | null => {
  if (!isRecord(body) || !Object.hasOwn(body, 'error') || saysNothing(body.error)) return null;
  const { error } = body;
  if (typeof error !== 'string') return 'unknown_error';
  const code = Object.hasOwn(provider.errorCodes, error) ? provider.errorCodes[error] : error;
  return code !== undefined && CODE.test(code) ? code : 'unknown_error';
};

/** Which kind of failure an RFC 6749 §5.2 code is. Only `invalid_grant` is final for a grant. */
export const failureOf = (code: string): TokenFailure => {
  switch (code) {
    case 'invalid_grant':
      return { kind: 'invalid-grant', code };
    case 'invalid_client':
    case 'unauthorized_client':
      return { kind: 'invalid-client', code };
    case 'server_error':
    case 'temporarily_unavailable':
      return { kind: 'unreachable', code };
    default:
      return { kind: 'refused', code };
  }
};

/** What an answer refuses, or the object in which it does not. */
export const refusalIn = (
  { status, retryAfter, body }: AnsweredRequest,
  provider: Provider,
  now: number,
): TokenFailure | { readonly body: Readonly<Record<string, unknown>> } => {
  if (status === 429) return { kind: 'rate-limited', retryAfter: waitOf(retryAfter, now) };
  if (status >= 500 || status === 408) return { kind: 'unreachable', code: `http-${status}` };
  const code = errorCodeIn(body, provider);
  if (code !== null) return failureOf(code);
  // A page or a broken answer: not the token endpoint spoke, but something before it.
  if (status >= 300) return { kind: isRecord(body) ? 'refused' : 'unreachable', code: `http-${status}` };
  if (body instanceof UnreadableBody && body.code !== 'empty')
    return { kind: 'unreachable', code: body.code };
  return isRecord(body) ? { body } : { kind: 'protocol-error', code: 'not-an-object' };
};

const CODES: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED: 'address-refused',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'connection-refused',
};

/** Error codes of OpenSSL and Node that are about a certificate all name the certificate or its signature. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS/;

/** What a token request came to that got no answer, as a closed set. */
export const failureIn = (error: unknown): TokenFailure => {
  if (error instanceof Overdue) return { kind: 'unreachable', code: 'timeout' };
  // Of an id or secret that no request can carry; its message shows them.
  if (field(error, 'name') === 'ValidationError') return { kind: 'refused', code: 'client-unusable' };
  // Whatever else simple-oauth2 throws, it stumbled over an answer that is no JSON object.
  if (field(error, 'isBoom') !== true) return { kind: 'protocol-error', code: 'not-an-object' };
  // A redirect that may not be followed comes with the list of places it was at.
  if (Array.isArray(field(error, 'data'))) return { kind: 'protocol-error', code: 'redirected' };
  const code = field(error, 'code');
  if (typeof code === 'string' && CERTIFICATE.test(code)) return { kind: 'unreachable', code: 'certificate' };
  const known = typeof code === 'string' && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const timeout = field(field(error, 'output'), 'statusCode') === 504;
  return { kind: 'unreachable', code: known ?? (timeout ? 'timeout' : 'network') };
};
