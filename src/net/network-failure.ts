import type { NetworkFailure } from './network-facts.js';

/** What kept a proxy from leading anywhere: `proxy-unreachable`, `-certificate`, `-unusable`, or `-refused-` and its status. */
export type ProxyCode =
  | 'proxy-unreachable'
  | 'proxy-certificate'
  | 'proxy-unusable'
  | `proxy-refused-${number}`;

/** Whether the code of a failed call is the proxy's. */
export const isProxyCode = (code: unknown): code is ProxyCode =>
  typeof code === 'string' && code.startsWith('proxy-');

/** Codes of Node and undici, and the names of errors that have none. */
const FAILURES: Readonly<Record<string, NetworkFailure>> = {
  ADDRESS_REFUSED: 'address-refused',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  TimeoutError: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  EPROTO: 'no-tls',
};

/** The stable code of an error, where it has one. Messages are left out: they may repeat what was sent. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

const failureOf = (code: string): NetworkFailure => {
  const known = Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  if (known !== undefined) return known;
  if (isProxyCode(code)) return 'proxy';
  // Codes of OpenSSL and Node that are about a certificate all name the certificate or its signature.
  if (/CERT|SIGNATURE|ERR_TLS/.test(code)) return 'certificate';
  if (code.startsWith('ERR_SSL')) return 'no-tls';
  return code.startsWith('HPE_') ? 'no-http' : 'unreachable';
};

/** What a failed call came to, and the code of the library that said so; the error's name where it has no code. */
export const networkFailure = (
  error: unknown,
): { readonly reason: NetworkFailure; readonly code: string } => {
  const code = codeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
  return { reason: failureOf(code), code };
};

const WORDS: Readonly<Partial<Record<NetworkFailure, string>>> = {
  'address-refused': 'address-refused',
  'name-unknown': 'name-unknown',
  refused: 'connection-refused',
  timeout: 'timeout',
  certificate: 'certificate',
};

/** The stable code by which logs and pages name a failed call: the proxy's own, one of a few, or `network`. */
export const failureCode = (error: unknown): string => {
  const { reason, code } = networkFailure(error);
  return reason === 'proxy' ? code : (WORDS[reason] ?? 'network');
};
