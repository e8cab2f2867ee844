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
]);

/** Words of headers by which a proxy or a server is told who asks, for whom, or what for, whatever the rest of the request says. */
const OF_TRUST =
  /auth|token|key|secret|credential|cookie|session|csrf|xsrf|sign|user|identity|account|role|group|forward|proxy|real-?ip|client|remote|host|scheme|proto|port|method|override|original|rewrite|url|uri|path|impersonat|sudo|act-as|behalf|admin|internal|debug/;

/** Why a gadget may not send a header of this name; null where it may. */
export const headerFault = (name: string): string | null => {
  const lower = name.toLowerCase();
  if (!/^[a-z0-9-]{1,60}$/.test(lower)) return 'this is no name of a header';
  if (ALLOWED.has(lower)) return null;
  if (!lower.startsWith('x-')) return 'a gadget may not send this header';
  return OF_TRUST.test(lower) ? 'a header of this name may say who asks, which is for Oriel alone' : null;
};

/** Those that may be sent and are not of the kind `X-…`, for people. */
export const allowedHeaders = (): string => [...ALLOWED].join(', ');
