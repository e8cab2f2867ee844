import type { AnswerFact, NoChannel } from './network-facts.js';
import { isProxyCode } from './proxy.js';

type Reason = Extract<AnswerFact, { kind: 'none' }>['reason'];

const REASONS: Readonly<Record<string, NoChannel>> = {
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

/** The stable code of a failed connection; its name where it has none. Messages are left out: they may repeat what was sent. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
};

/** Why nothing came back, as a closed set, with the code of the library that said so. */
export const reasonOf = (error: unknown): { readonly reason: Reason; readonly code: string } => {
  const code = codeOf(error);
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  if (known !== undefined) return { reason: known, code };
  if (isProxyCode(code)) return { reason: 'proxy', code };
  if (code.startsWith('ERR_SSL')) return { reason: 'no-tls', code };
  // Codes of OpenSSL and Node that are about a certificate all name the certificate or its signature.
  if (/CERT|SIGNATURE|ERR_TLS/.test(code)) return { reason: 'certificate', code };
  if (code.startsWith('HPE_')) return { reason: 'no-http', code };
  return { reason: 'unreachable', code };
};
