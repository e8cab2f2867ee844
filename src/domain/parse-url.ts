import { LRUCache } from 'lru-cache';

/** What of a base URL is compared with URLs below it. */
export interface Base {
  readonly origin: string;
  /** Its path, as it stands in the URL (RFC 3986 §3.3). */
  readonly pathname: string;
}

const bases = new LRUCache<string, Base>({ max: 1000 });

/** The origin and path of a URL that is asked for again and again, such as a provider's `api`. Throws where it is none. */
export const baseIn = (url: string): Base => {
  const known = bases.get(url);
  if (known !== undefined) return known;
  const { origin, pathname } = new URL(url);
  const base = { origin, pathname };
  bases.set(url, base);
  return base;
};

/**
 * The URL that a text names, seen from `base` where it is relative; null where it names none (WHATWG URL §6.1). By the constructor: in
 * Node 20 `URL.canParse` refuses text such as `ü` once it has been called some thousands of times.
 */
export const parseUrl = (text: string, base?: string | URL): URL | null => {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
};
