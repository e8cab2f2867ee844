import type { Data } from '../domain/data.js';
import type { Clock } from '../domain/system.js';
import { asList, asRecord, record } from './readers/frozen.js';
import { linkedUrl } from './send-request.js';
import type { UpstreamOutcome, UpstreamRequest } from './upstream-call.js';

type Page = Extract<UpstreamOutcome, { kind: 'data' }>;

/** A page and where it was read. */
interface Read {
  readonly url: URL;
  readonly page: Page;
}

/** How a further page may be had: asked for no earlier than the first, and without asking when the provider is known to be down. */
export interface PageBounds {
  readonly since: number;
  readonly offline: boolean;
}

/** Following ends here, in milliseconds; what was read by then is shown. */
const LONGEST = 10_000;

const linkOf = (feed: Data, rel: string): string | null => {
  const link = asList(asRecord(feed)?.links).find((candidate) => asRecord(candidate)?.rel === rel);
  const href = asRecord(link)?.href;
  return typeof href === 'string' ? href : null;
};

/** Where a feed goes on: nowhere, or outside when its link leaves the API or the prefix. */
const onward = ({ provider, prefix }: UpstreamRequest, rel: string, last: Read): URL | 'end' | 'outside' => {
  const href = linkOf(last.page.data, rel);
  return href === null ? 'end' : (linkedUrl(provider, last.url.href, href, prefix) ?? 'outside');
};

/** Entries of all pages in their order. One that moved to the next page while we read is there twice and kept once. */
const entriesOf = (pages: readonly Page[]): Data => {
  const seen = new Set<Data>();
  const entries = pages
    .flatMap((page) => asList(asRecord(page.data)?.entries))
    .filter((entry) => {
      const id = asRecord(entry)?.id ?? null;
      const known = id !== null && seen.has(id);
      seen.add(id);
      return !known;
    });
  return Object.freeze(entries);
};

const merged = (pages: readonly [Page, ...Page[]], more: boolean): Page => ({
  kind: 'data',
  data: record([...Object.entries(asRecord(pages[0].data) ?? {}), ['entries', entriesOf(pages)]]),
  fetchedAt: Math.min(...pages.map((page) => page.fetchedAt)),
  sentAt: Math.min(...pages.map((page) => page.sentAt)),
  freshUntil: Math.min(...pages.map((page) => page.freshUntil)),
  stale: pages.some((page) => page.stale),
  bytes: pages.reduce((sum, page) => sum + page.bytes, 0),
  pages: pages.length,
  more,
});

/**
 * Reads on from a feed's first page along its own links (RFC 5005 §3), at most `follow.pages` further ones, and merges the
 * entries. A page that cannot be had ends the reading with `more`; only a refused token is passed on, to be renewed.
 */
export async function followPages(
  clock: Clock,
  request: UpstreamRequest & { readonly follow: NonNullable<UpstreamRequest['follow']> },
  start: Read,
  read: (url: URL, bounds: PageBounds) => Promise<UpstreamOutcome>,
): Promise<UpstreamOutcome> {
  const { rel, pages: most } = request.follow;
  const enough = clock.monotonic() + LONGEST;
  const bounds = { since: start.page.sentAt, offline: start.page.stale };
  const pages: [Page, ...Page[]] = [start.page];
  const visited = new Set([start.url.href]);
  for (let last = start; ; ) {
    const url = onward(request, rel, last);
    if (url === 'end') return merged(pages, false);
    const stops = url === 'outside' || visited.has(url.href) || pages.length > most;
    if (stops || clock.monotonic() > enough) return merged(pages, true);
    const page = await read(url, bounds);
    if (page.kind === 'unauthorized') return page;
    if (page.kind !== 'data') return merged(pages, true);
    visited.add(url.href);
    pages.push(page);
    last = { url, page };
  }
}
