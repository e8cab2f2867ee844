import type { TokenFailure } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import { Overdue } from './deadline.js';

/** What a failed request leaves of an answer. Nothing else of the error is looked at or kept: it holds credentials. */
interface FailedAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The JSON body; undefined when it was none. */
  readonly body: unknown;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/** The answer that an error of simple-oauth2's HTTP client tells of; null when none had arrived. */
export const answerIn = (error: unknown): FailedAnswer | null => {
  const data = field(error, 'data');
  const response = field(data, 'res');
  const status = field(response, 'statusCode');
  if (typeof status !== 'number') return null;
  const wait = field(field(response, 'headers'), 'retry-after');
  return { status, retryAfter: typeof wait === 'string' ? wait.trim() : null, body: field(data, 'payload') };
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

/** The server's error code in the words of RFC 6749 §5.2; null when the body names none. */
export const errorCodeIn = (body: unknown, provider: Provider): string | null => {
  if (!isRecord(body) || !Object.hasOwn(body, 'error')) return null;
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

const answered = ({ status, retryAfter, body }: FailedAnswer, provider: Provider, now: number) => {
  if (status === 429) return { kind: 'rate-limited', retryAfter: waitOf(retryAfter, now) } as const;
  if (status >= 500 || status === 408) return { kind: 'unreachable', code: `http-${status}` } as const;
  const code = errorCodeIn(body, provider);
  if (code !== null) return failureOf(code);
  // Without JSON it was not the token endpoint that spoke, but something before it.
  if (!isRecord(body)) return { kind: 'unreachable', code: `http-${status}` } as const;
  return { kind: 'refused', code: `http-${status}` } as const;
};

const CODES: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED: 'address-refused',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'connection-refused',
};

/** Error codes of OpenSSL and Node that are about a certificate all name the certificate or its signature. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS/;

/** What a failed token request came to, as a closed set. */
export const failureIn = (error: unknown, provider: Provider, now: number): TokenFailure => {
  const answer = answerIn(error);
  if (answer !== null) return answered(answer, provider, now);
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
