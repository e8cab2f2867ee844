/*
 * Headers with a fixed value that go along with calls to an API: what they may be called.
 */

/** Headers that are no `X-…` and still choose what is answered, never who asks. */
const ALLOWED: ReadonlySet<string> = new Set([
  'accept-language',
  'api-version',
  'asana-enable',
  'consistencylevel',
  'intercom-version',
  'linkedin-version',
  'notion-version',
  'ocs-apirequest',
  'prefer',
  'revision',
]);

/** Words of headers that tell a proxy or a server who asks, for whom, or what for, whatever the rest of the request says. */
const OF_TRUST =
  /auth|token|key|secret|credential|cookie|session|csrf|xsrf|sign|user|identity|account|role|group|forward|proxy|real-?ip|client|remote|host|scheme|proto|port|method|override|original|rewrite|url|uri|path|impersonat|sudo|act-as|behalf|admin|internal|debug/;

/** Why a gadget or a provider's record may not have a header of this name sent; null where it may. */
export const headerFault = (name: string): string | null => {
  const lower = name.toLowerCase();
  if (!/^[a-z0-9-]{1,60}$/.test(lower)) return 'this is no name of a header';
  if (ALLOWED.has(lower)) return null;
  // Which version of an API answers: `Podium-Version`.
  if (!lower.startsWith('x-') && !lower.endsWith('-version')) return 'this header may not be sent';
  return OF_TRUST.test(lower) ? 'a header of this name may say who asks, which is for Oriel alone' : null;
};

/** Why the token may not stand in a header of this name; null where it may. It is one that a server of its own kind has for a token. */
export const tokenHeaderFault = (name: string): string | null => {
  const lower = name.toLowerCase();
  if (!/^[a-z][a-z0-9-]{0,59}$/.test(lower)) return 'this is no name of a header';
  if (lower === 'authorization') return null;
  return /token/.test(lower) &&
    !/^(?:proxy|sec|host|cookie|content|transfer|x-forwarded)|cookie|csrf|xsrf/.test(lower)
    ? null
    : 'this is no header that a server has for a token';
};

/** Those that may be sent and are not of the kind `X-…`, for people. */
export const allowedHeaders = (): string => [...ALLOWED].join(', ');

/** A fixed value of a header. */
export const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/;
