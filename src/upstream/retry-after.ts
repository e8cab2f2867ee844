import type { IncomingHttpHeaders } from 'node:http';

/** A server that asks for more patience than an hour is asked again after an hour. */
const MOST = 3600;

/** Below this an `X-RateLimit-Reset` counts seconds from now, above it is a date in epoch seconds. */
const EPOCH = 1_000_000_000;

const first = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? '';

const seconds = (text: string, now: number): number | null => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const date = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.ceil((date - now) / 1000);
};

/** Whole seconds until the server wants to be asked again (RFC 9110 §10.2.3, or `X-RateLimit-Reset`); null when it does not say. */
export const retryAfter = (headers: IncomingHttpHeaders, now: number): number | null => {
  const wait = seconds(first(headers['retry-after']).trim(), now);
  if (wait !== null) return Math.min(Math.max(wait, 0), MOST);
  const reset = first(headers['x-ratelimit-reset']).trim();
  if (!/^\d{1,12}$/.test(reset)) return null;
  const from = Number(reset) > EPOCH ? Number(reset) - Math.floor(now / 1000) : Number(reset);
  return Math.min(Math.max(from, 0), MOST);
};
