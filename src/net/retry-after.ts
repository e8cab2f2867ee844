import type { IncomingHttpHeaders } from 'node:http';

/** A server that asks for more patience than an hour is asked again after an hour. */
const MOST = 3600;

/** From here on a number is a date: seconds, or milliseconds, since 1970. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MILLISECONDS = 1e11;

/** A number above this is taken as milliseconds: no server asks for so many seconds. */
const DAY = 86_400;

const first = (value: string | string[] | undefined): string =>
  ((Array.isArray(value) ? value[0] : value) ?? '').trim();

const ofNumber = (value: number, now: number): number => {
  if (value >= EPOCH_MILLISECONDS) return (value - now) / 1000;
  if (value >= EPOCH_SECONDS) return value - now / 1000;
  return value > DAY ? value / 1000 : value;
};

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: DAY };

/** `1m30s`, `250ms`. */
const ofDuration = (text: string): number | null => {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[smhd]))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    seconds += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  return seconds;
};

/** A date of HTTP in any of its three forms (RFC 9110 §5.6.7), of ISO 8601, or of e-mail. One without a zone is in UTC. */
const ofDate = (text: string, now: number): number | null => {
  const isIso = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text);
  if (!isIso && !/^[a-z]{3,9},?\s/i.test(text)) return null;
  const hasZone = isIso ? /(?:z|[+-]\d{2}:?\d{2})$/i.test(text) : /(?:[a-z]{1,4}|[+-]\d{4})$/i.test(text);
  const zoned = hasZone ? text : isIso ? `${text.replace(' ', 'T')}Z` : `${text} GMT`;
  const at = Date.parse(zoned);
  return Number.isNaN(at) ? null : (at - now) / 1000;
};

const secondsIn = (text: string, now: number): number | null => {
  if (/^\d{1,16}(?:\.\d{1,9})?$/.test(text)) return ofNumber(Number(text), now);
  return ofDuration(text) ?? ofDate(text, now);
};

/** `RateLimit: "burst";r=0;t=12`, or `limit=100, remaining=0, reset=12` as its drafts had it: of several, those with nothing left. */
const inRateLimit = (text: string): number | null => {
  if (text.length > 2000) return null;
  const draft = /\breset\s*=\s*(\d{1,9})\b/i.exec(text)?.[1];
  if (draft !== undefined) return Number(draft);
  const windows = text.split(',').flatMap((window) => {
    const wait = /;\s*t\s*=\s*(\d{1,9})/i.exec(window)?.[1];
    return wait === undefined ? [] : [{ wait: Number(wait), isSpent: /;\s*r\s*=\s*0\b/i.test(window) }];
  });
  const spent = windows.filter(({ isSpent }) => isSpent);
  const counted = (spent.length > 0 ? spent : windows).map(({ wait }) => wait);
  return counted.length === 0 ? null : Math.max(...counted);
};

/** Where servers say when to ask again, most exact first. */
const HEADERS = [
  'retry-after',
  'x-retry-after',
  'x-ratelimit-reset-after',
  'ratelimit-reset',
  'x-ratelimit-reset',
  'x-rate-limit-reset',
  'x-ratelimit-reset-requests',
  'x-ratelimit-retry-after',
];

/** The same in milliseconds, whatever the number. */
const IN_MILLISECONDS = ['retry-after-ms', 'x-retry-after-ms', 'x-ms-retry-after-ms'];

/**
 * Whole seconds until the server wants to be asked again, at most an hour: `Retry-After` (RFC 9110 §10.2.3), or what is common beside
 * it, in seconds, milliseconds, as a duration or a date. Null when it does not say.
 */
export const retryAfter = (headers: IncomingHttpHeaders, now: number): number | null => {
  const bounded = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds), 0), MOST);
  for (const name of IN_MILLISECONDS) {
    const text = first(headers[name]);
    if (/^\d{1,12}$/.test(text)) return bounded(Number(text) / 1000);
  }
  for (const name of HEADERS) {
    const seconds = secondsIn(first(headers[name]), now);
    if (seconds !== null) return bounded(seconds);
  }
  const seconds = inRateLimit(first(headers.ratelimit));
  return seconds === null ? null : bounded(seconds);
};
