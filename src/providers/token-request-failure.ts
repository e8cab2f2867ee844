import { bodyOf } from '../net/answer-body.js';
import { Overdue } from '../net/deadline.js';
import { isProxyCode } from '../net/proxy.js';
import { type AnsweredRequest, isRecord } from './refusal.js';
import type { TokenFailure } from './token-outcome.js';

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/** The answer that an error of simple-oauth2's HTTP client tells of; null when none had arrived. */
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

const CODES: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED: 'address-refused',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'connection-refused',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
};

/** Error codes of OpenSSL and Node that are about a certificate all name the certificate or its signature. */
const CERTIFICATE = /CERT|SIGNATURE|ERR_TLS/;

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
  const code = field(error, 'code');
  if (typeof code === 'string' && CERTIFICATE.test(code)) return { kind: 'unreachable', code: 'certificate' };
  if (isProxyCode(code)) return { kind: 'unreachable', code };
  const known = typeof code === 'string' && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const timeout = field(field(error, 'output'), 'statusCode') === 504;
  return { kind: 'unreachable', code: known ?? (timeout ? 'timeout' : 'network') };
};
