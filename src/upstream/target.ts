import { parseUrl } from '../domain/parse-url.js';
import type { Provider } from '../providers/provider.js';

/** What a server might yet decode into a step out of the path, at once or the second time; and `;`, which some end a segment with. */
const ENCODED_STEP = /;|%(?:2f|5c|00|2e|3b|25(?=[0-9a-f]{2}))/i;

/** A prefix that a parameter cut off within a segment, with that segment as the page's own path has it. */
const wholeSegments = (prefix: string, path: string): string => {
  if (prefix.endsWith('/')) return prefix;
  const end = path.indexOf('/', prefix.length);
  return end < 0 ? path : path.slice(0, end);
};

/** Whether a URL lies on the provider's API, below whole segments of a path. */
const isBelow = (url: URL, api: URL, segments: string): boolean =>
  url.origin === api.origin &&
  url.username === '' &&
  url.password === '' &&
  (url.pathname === segments ||
    url.pathname.startsWith(segments.endsWith('/') ? segments : `${segments}/`)) &&
  !ENCODED_STEP.test(url.pathname.slice(segments.length));

/** The URL of a target, path and query below the provider's `api`; null when it would lead elsewhere. */
export const urlOf = (provider: Provider, target: string, prefix: string): URL | null => {
  const api = new URL(provider.api);
  const base = provider.api.replace(/\/+$/, '');
  const url = target.startsWith('/') ? parseUrl(base + target) : null;
  if (url === null) return null;
  url.hash = '';
  return url.origin === api.origin && url.username === '' && url.pathname.startsWith(prefix) ? url : null;
};

/** Where an answer's own link leads, seen from the page it stands on; null when it leaves the API or the whole segments of the prefix. */
export const linkedUrl = (provider: Provider, page: string, href: string, prefix: string): URL | null => {
  const url = parseUrl(href, page);
  if (url === null) return null;
  url.hash = '';
  return isBelow(url, new URL(provider.api), wholeSegments(prefix, new URL(page).pathname)) ? url : null;
};

/**
 * Where a redirect leads that may be followed with a token: to the very origin that was asked, below the same prefix. Null for any
 * other, and what has no address at all.
 */
export const redirectedUrl = (asked: URL, from: URL, location: string, prefix: string): URL | null => {
  const url = parseUrl(location, from);
  if (url === null) return null;
  url.hash = '';
  return isBelow(url, asked, prefix) ? url : null;
};
