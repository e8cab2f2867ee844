import type { Provider } from '../domain/provider.js';

/** What a server might yet decode into a step out of the path. */
const ENCODED_STEP = /%(?:2f|5c|00|2e)/i;

/** Whether a URL lies on the provider's API, below a literal prefix of the whole path. */
const isBelow = (url: URL, api: URL, prefix: string): boolean =>
  url.origin === api.origin &&
  url.username === '' &&
  url.password === '' &&
  url.pathname.startsWith(prefix) &&
  !ENCODED_STEP.test(url.pathname.slice(prefix.length));

/** The URL of a target, path and query below the provider's `api`; null when it would lead elsewhere. */
export const urlOf = (provider: Provider, target: string, prefix: string): URL | null => {
  const api = new URL(provider.api);
  const base = provider.api.replace(/\/+$/, '');
  if (!target.startsWith('/') || !URL.canParse(base + target)) return null;
  const url = new URL(base + target);
  url.hash = '';
  return url.origin === api.origin && url.username === '' && url.pathname.startsWith(prefix) ? url : null;
};

/** Where an answer's own link leads, seen from the page it stands on; null when it leaves the API or the prefix. */
export const linkedUrl = (provider: Provider, page: string, href: string, prefix: string): URL | null => {
  if (!URL.canParse(href, page)) return null;
  const url = new URL(href, page);
  url.hash = '';
  return isBelow(url, new URL(provider.api), prefix) ? url : null;
};

/**
 * Where a redirect leads that may be followed with a token: to the very origin that was asked, below the same prefix. Null for any
 * other, and what has no address at all.
 */
export const redirectedUrl = (asked: URL, from: URL, location: string, prefix: string): URL | null => {
  if (!URL.canParse(location, from.href)) return null;
  const url = new URL(location, from.href);
  url.hash = '';
  return isBelow(url, asked, prefix) ? url : null;
};
