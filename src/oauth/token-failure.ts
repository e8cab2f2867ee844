import type { TokenFailure } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';

/** What a failed call tells, freed of everything secret that the library's error drags along. */
interface Fault {
  /** The server's own status; null when there was no answer. */
  readonly status: number | null;
  readonly retryAfter: string | null;
  /** The JSON body of an error answer. */
  readonly payload: unknown;
  readonly isErrorAnswer: boolean;
  /** Whether simple-oauth2 refused our own settings: an id or secret that no request can carry. */
  readonly isOurs: boolean;
  /** The status that the HTTP library gave its own error; null when the error is not its own. */
  readonly library: number | null;
  readonly message: string;
  /** Code of the socket's error. */
  readonly cause: string;
}

const at = (value: unknown, ...path: readonly string[]): unknown => {
  let here = value;
  for (const name of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Reflect.get(here, name);
  }
  return here;
};

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
const asNumber = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Reads a rejection of simple-oauth2 (a Boom of @hapi/wreck, or a bug of its own on odd payloads). */
export const faultOf = (error: unknown): Fault => ({
  status: asNumber(at(error, 'data', 'res', 'statusCode')),
  retryAfter: asText(at(error, 'data', 'res', 'headers', 'retry-after')) || null,
  payload: at(error, 'data', 'payload'),
  isErrorAnswer: at(error, 'data', 'isResponseError') === true,
  isOurs: at(error, 'name') === 'ValidationError',
  library: at(error, 'isBoom') === true ? asNumber(at(error, 'output', 'statusCode')) : null,
  message: asText(at(error, 'message')),
  cause: asText(at(error, 'data', 'code')) || asText(at(error, 'code')),
});

const KINDS: Readonly<Record<string, 'invalid-grant' | 'invalid-client' | 'unreachable'>> = {
  invalid_grant: 'invalid-grant',
  invalid_client: 'invalid-client',
  unauthorized_client: 'invalid-client',
  server_error: 'unreachable',
  temporarily_unavailable: 'unreachable',
};

/** The code a server gave, in RFC 6749's words; what is no code at all is `unspecified`. */
export const codeOf = (error: unknown, provider: Provider): string => {
  if (typeof error !== 'string' || !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(error)) return 'unspecified';
  return (Object.hasOwn(provider.errorCodes, error) ? provider.errorCodes[error] : undefined) ?? error;
};

/** The failure an error code of the server stands for (RFC 6749 §5.2). */
export const refusal = (error: unknown, provider: Provider): TokenFailure => {
  const code = codeOf(error, provider);
  const kind = Object.hasOwn(KINDS, code) ? KINDS[code] : undefined;
  return { kind: kind ?? 'refused', code };
};

const seconds = (header: string | null, now: number): number | null => {
  if (header === null) return null;
  const wait = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), 3600);
};

const down = (code: string): TokenFailure => ({ kind: 'unreachable', code });
const broken = (code: string): TokenFailure => ({ kind: 'protocol-error', code });

const NETWORK: Readonly<Record<string, TokenFailure>> = {
  ADDRESS_REFUSED: broken('address-refused'),
  ENOTFOUND: down('name-unknown'),
  EAI_AGAIN: down('name-unknown'),
  ECONNREFUSED: down('connection-refused'),
};

/** No answer, or none that could be read to its end. */
const unread = ({ status, library, message, cause }: Fault): TokenFailure => {
  // With redirects limited to none the library rejects every one of them instead of handing its body out as tokens.
  if (message === 'Maximum redirections reached') return broken('redirect');
  const known = Object.hasOwn(NETWORK, cause) ? NETWORK[cause] : undefined;
  if (known !== undefined) return known;
  if (/CERT|SIGNATURE|ERR_TLS/.test(cause)) return down('certificate');
  if (library === 408 || library === 504) return down('timeout');
  if (library === 502 && status !== null) return broken('unreadable');
  if (library === 413) return broken('too-large');
  if (library === 406) return down('not-json');
  return down('network');
};

/**
 * What a failed token request means. Only the server's own `invalid_grant` ends a grant; whatever may be a fault of the moment,
 * down to a page for people in place of JSON, is `unreachable`.
 */
export const failureOf = (fault: Fault, provider: Provider, now: number): TokenFailure => {
  const { status, library, payload } = fault;
  if (status !== null && status >= 500) return down(`status-${status}`);
  if (status === 429) return { kind: 'rate-limited', retryAfter: seconds(fault.retryAfter, now) };
  if (fault.isOurs) return broken('client-credentials');
  if (library === null) return broken('unreadable');
  if (!fault.isErrorAnswer) return unread(fault);
  if (status === 408) return down('status-408');
  const error = at(payload, 'error');
  return error === undefined ? broken(`status-${status}`) : refusal(error, provider);
};
