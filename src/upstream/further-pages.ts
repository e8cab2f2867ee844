import type { Data } from '../domain/data.js';
import { asRecord } from '../domain/data.js';
import type { PageStep } from '../domain/gadget.js';
import { valueAt } from '../domain/refusal-rule.js';
import type { Clock } from '../domain/system.js';
import { asList, record } from './readers/frozen.js';
import { linkedUrl } from './send-request.js';
import type { UpstreamOutcome, UpstreamRequest } from './upstream-call.js';

/** Longer headers are not looked through, in characters. */
const LONGEST_LINKS = 16_000;

const LINK = /<([^<>]*)>((?:[^,"<]|"(?:\\.|[^"\\])*")*)/g;
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*(?:=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;,"]*)))?/g;

/** Parameters by name in lower case; of one that is repeated the first counts (RFC 8288 §3.3). */
const parametersOf = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, bare] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  return found;
};

/** Where a `Link` header leads by a relation (RFC 8288 §3); null where it names none, or one of another resource (`anchor`). */
export const linkWith = (header: string, rel: string): string | null => {
  if (header.length > LONGEST_LINKS) return null;
  const wanted = rel.toLowerCase();
  for (const [, href = '', rest = ''] of header.matchAll(LINK)) {
    const parameters = parametersOf(rest);
    const rels = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/);
    if (rels.includes(wanted) && !parameters.has('anchor')) return href;
  }
  return null;
};

type Page = Extract<UpstreamOutcome, { kind: 'data' }>;
type Paged = UpstreamRequest & { readonly pages: NonNullable<UpstreamRequest['pages']> };

/** Where a page is asked for, and what a POST sends for it. */
export interface PageAddress {
  readonly url: URL;
  readonly body: string | undefined;
}

/** A page and where it was read. */
interface Read extends PageAddress {
  readonly page: Page;
}

/** How a further page may be had: asked for no earlier than the first, and without asking when the provider is known to be down. */
export interface PageBounds {
  readonly since: number;
  readonly offline: boolean;
}

/** Reading on ends here, in milliseconds; what was read by then is shown. */
const LONGEST = 10_000;

/** A token longer than this is none; characters. */
const LONGEST_TOKEN = 4000;

/** What lies before the items of a page, and the items. */
const itemsOf = (data: Data, path: string): readonly Data[] => {
  const found = path === '' ? data : valueAt(data, path);
  return found === null ? [] : asList(found);
};

const feedLink = (feed: Data, rel: string): string | null => {
  const link = asList(asRecord(feed)?.links).find((candidate) => asRecord(candidate)?.rel === rel);
  const href = asRecord(link)?.href;
  return typeof href === 'string' ? href : null;
};

/** A value by which a page is asked for; null where there is none. */
const tokenIn = (data: Data, path: string): string | number | null => {
  const found = valueAt(data, path);
  if (typeof found === 'number') return found;
  const text = typeof found === 'string' ? found : (asRecord(found)?.['#text'] ?? null);
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_TOKEN ? text : null;
};

type Json = { [name: string]: unknown };

/** A body in which a value is set at a path of keys joined by dots. */
const withValue = (body: string, path: string, value: string | number): string => {
  const whole = JSON.parse(body) as Json;
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let place = whole;
  for (const key of keys) {
    const inner = Object.hasOwn(place, key) ? place[key] : undefined;
    const next = typeof inner === 'object' && inner !== null ? (inner as Json) : {};
    Object.defineProperty(place, key, { value: next, enumerable: true, configurable: true, writable: true });
    place = next;
  }
  Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true });
  return JSON.stringify(whole);
};

/** The same request for another page: what says which is a value, in the query or in the body. */
const addressWith = ({ url, body }: PageAddress, send: string, value: string | number): PageAddress => {
  if (body !== undefined) return { url, body: withValue(body, send, value) };
  const next = new URL(url);
  next.searchParams.set(send, String(value));
  return { url: next, body };
};

/** What is known of where a request goes on: nowhere, outside what may be asked, or there, though perhaps to an empty page. */
type Onward = 'end' | 'outside' | (PageAddress & { readonly isGuess: boolean });

const linked = (request: Paged, last: Read, href: string | null): Onward => {
  if (href === null) return 'end';
  const url = linkedUrl(request.provider, last.url.href, href, request.prefix);
  return url === null ? 'outside' : { url, body: last.body, isGuess: false };
};

type Counted = Extract<PageStep, { by: 'page' | 'offset' }>;

const counted = (step: Counted, first: Read, pages: readonly Page[], counts: readonly number[]): Onward => {
  const read = counts.reduce((sum, count) => sum + count, 0);
  const newest = counts.at(-1) ?? 0;
  const total =
    step.total === null ? null : Number(tokenIn((pages.at(-1) ?? first.page).data, step.total) ?? Number.NaN);
  if (newest === 0 || (total !== null && read >= total) || (step.size !== null && newest < step.size))
    return 'end';
  const value = step.first + (step.by === 'page' ? pages.length : read);
  return { ...addressWith(first, step.send, value), isGuess: total === null || Number.isNaN(total) };
};

/** Where a request goes on after these pages. */
const onward = (
  request: Paged,
  first: Read,
  last: Read,
  pages: readonly Page[],
  counts: readonly number[],
): Onward => {
  const { step } = request.pages;
  const { data, link = null } = last.page;
  switch (step.by) {
    case 'feed':
      return linked(request, last, feedLink(data, step.rel));
    case 'link':
      return linked(request, last, link === null ? null : linkWith(link, step.rel));
    case 'token': {
      const token = tokenIn(data, step.next);
      return token === null ? 'end' : { ...addressWith(first, step.send, token), isGuess: false };
    }
    case 'cursor': {
      const info = asRecord(valueAt(data, step.info));
      const token = info?.hasNextPage === true ? tokenIn(info, 'endCursor') : null;
      return token === null ? 'end' : { ...addressWith(first, step.send, token), isGuess: false };
    }
    default:
      return counted(step, first, pages, counts);
  }
};

/** Entries of all pages in their order. One that moved to the next page while we read is there twice and kept once. */
const once = (entries: readonly Data[]): readonly Data[] => {
  const seen = new Set<Data>();
  return entries.filter((entry) => {
    const id = asRecord(entry)?.id ?? null;
    const known = id !== null && seen.has(id);
    seen.add(id);
    return !known;
  });
};

/** The first page with the items of all. */
const withItems = (data: Data, path: string, items: readonly Data[]): Data => {
  if (path === '') return Object.freeze(items);
  const [key = '', ...rest] = path.split('.');
  const inner = asRecord(data)?.[key] ?? null;
  return record([...Object.entries(asRecord(data) ?? {}), [key, withItems(inner, rest.join('.'), items)]]);
};

const merged = (request: Paged, pages: readonly [Page, ...Page[]], read: number, more: boolean): Page => {
  const { step, items } = request.pages;
  const all = pages.flatMap((page) => itemsOf(page.data, items));
  return {
    kind: 'data',
    data: withItems(pages[0].data, items, step.by === 'feed' ? once(all) : all),
    fetchedAt: Math.min(...pages.map((page) => page.fetchedAt)),
    sentAt: Math.min(...pages.map((page) => page.sentAt)),
    freshUntil: Math.min(...pages.map((page) => page.freshUntil)),
    stale: pages.some((page) => page.stale),
    bytes: pages.reduce((sum, page) => sum + page.bytes, 0),
    pages: read,
    more,
  };
};

const nameOf = ({ url, body }: PageAddress): string => JSON.stringify([url.href, body ?? null]);

/**
 * Reads on from a request's first page, at most `further` pages of its plan and never more than `allowed`, and merges the items. `more` is
 * true exactly when there is more: where nothing says so but the next page itself, that is looked at too. A page that cannot be had ends the
 * reading with `more`; only a refused token is passed on, to be renewed.
 */
export async function readFurtherPages(
  clock: Clock,
  request: Paged,
  first: Read,
  read: (address: PageAddress, bounds: PageBounds) => Promise<UpstreamOutcome>,
): Promise<UpstreamOutcome> {
  const { items, further, allowed } = request.pages;
  const enough = clock.monotonic() + LONGEST;
  const bounds = { since: first.page.sentAt, offline: first.page.stale };
  const pages: [Page, ...Page[]] = [first.page];
  const counts = [itemsOf(first.page.data, items).length];
  const visited = new Set([nameOf(first)]);
  for (let last = first; ; ) {
    const next = onward(request, first, last, pages, counts);
    if (next === 'end') return merged(request, pages, pages.length, false);
    const isFull = pages.length > further;
    const stops =
      next === 'outside' || visited.has(nameOf(next)) || pages.length > allowed || (isFull && !next.isGuess);
    if (stops || clock.monotonic() > enough) return merged(request, pages, pages.length, true);
    const page = await read(next, bounds);
    if (page.kind === 'unauthorized') return page;
    if (page.kind !== 'data') return merged(request, pages, pages.length, true);
    const count = itemsOf(page.data, items).length;
    if (isFull) return merged(request, pages, pages.length + 1, count > 0);
    visited.add(nameOf(next));
    pages.push(page);
    counts.push(count);
    last = { ...next, page };
  }
}
