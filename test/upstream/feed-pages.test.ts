import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import { accessOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type Answering, type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let elsewhere: StubServer;
let opened: ReturnType<typeof openUpstream>;

const feed = (entries: readonly number[], next: string | null, newest = ''): string =>
  `<feed><title>Events${newest}</title>${next === null ? '' : `<link rel="next" href="${next}"/>`}${entries
    .map((id) => `<entry><id>${id}</id></entry>`)
    .join('')}</feed>`;

/** A feed of three pages with two entries each, whose links lead on by `next`. */
const feedOf =
  (next: (page: number) => string | null): Answering =>
  (request, response) => {
    const page = Number(new URL(request.url ?? '', stub.origin).searchParams.get('page') ?? 1);
    says(200, feed([page * 10, page * 10 + 1], next(page)), { 'content-type': 'application/atom+xml' })(
      request,
      response,
    );
  };
const threePages = feedOf((page) => (page < 3 ? `?page=${page + 1}` : null));

beforeAll(async () => {
  stub = await stubServer();
  elsewhere = await stubServer();
});
beforeEach(() => {
  opened = openUpstream();
  stub.requests.length = 0;
  elsewhere.requests.length = 0;
  return () => opened.close();
});
afterAll(async () => {
  await stub.close();
  await elsewhere.close();
});

const get = (pages = 4, { target = '/projects/apollo/feed.xml', prefix = '/api/projects/apollo/' } = {}) =>
  opened.upstream.get(
    alice,
    requestTo(providerAt(stub.origin), {
      target,
      prefix,
      format: 'atom',
      pages: { step: { by: 'feed', rel: 'next' }, items: 'entries', further: pages, allowed: pages },
    }),
  );

const ids = (outcome: UpstreamOutcome): unknown => {
  if (outcome.kind !== 'data') return outcome;
  const { entries } = outcome.data as { readonly entries: readonly { readonly id: string }[] };
  return entries.map((entry) => Number(entry.id));
};

describe('following a feed', () => {
  it('reads on to its end, and merges the entries in their order', async () => {
    stub.answers(threePages);
    const outcome = await get();
    expect(ids(outcome)).toEqual([10, 11, 20, 21, 30, 31]);
    expect(outcome).toMatchObject({ pages: 3, more: false, stale: false });
    await get();
    expect(stub.requests).toHaveLength(3);
  });

  it('stops after so many further pages, and says that there were more', async () => {
    stub.answers(threePages);
    const outcome = await get(1);
    expect(ids(outcome)).toEqual([10, 11, 20, 21]);
    expect(outcome).toMatchObject({ pages: 2, more: true });
  });

  it('never follows a loop of pages', async () => {
    stub.answers(feedOf((page) => `?page=${page === 1 ? 2 : 1}`));
    stub.requests.length = 0;
    expect(await get()).toMatchObject({ kind: 'data', pages: 3, more: true });
  });

  it.each([
    ['another origin', () => `${elsewhere.origin}/api/projects/apollo/feed.xml`],
    ['another project', () => '/api/projects/zeus/feed.xml'],
    ['steps out of the prefix', () => '../zeus/feed.xml'],
    ['encoded steps out of the prefix', () => '/api/projects/apollo/..%2fzeus/feed.xml'],
    ['encoded steps as Windows writes them', () => '/api/projects/apollo/..%5czeus/feed.xml'],
    [
      'a person’s name in the URL',
      () => `http://a:b@${new URL(stub.origin).host}/api/projects/apollo/feed.xml`,
    ],
    ['another scheme', () => 'file:///etc/passwd'],
    ['no URL', () => 'http://[oops'],
    ['encoded twice', () => '/api/projects/apollo/..%252fzeus/feed.xml'],
    ['encoded three times', () => '/api/projects/apollo/%25252e%25252e/zeus/feed.xml'],
    ['a parameter of a segment', () => '/api/projects/apollo/..;/zeus/feed.xml'],
    ['an encoded parameter of a segment', () => '/api/projects/apollo/x%3b/feed.xml'],
  ])('does not follow a link to %s', async (_, next) => {
    stub.answers(feedOf(next));
    expect(await get()).toMatchObject({ kind: 'data', pages: 1, more: true });
    expect(stub.requests).toHaveLength(1);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it.each([
    ['/projects/apollo', '/api/projects/apollo', '/api/projects/apollo-secret?page=2', 1],
    ['/projects/apollo', '/api/projects/apollo', '/api/projects/apollo%20b?page=2', 1],
    ['/projects/apollo', '/api/projects/apollo', '/api/projects/apollo?page=2', 2],
    ['/projects/apollo', '/api/projects/apollo', '/api/projects/apollo/feed?page=2', 2],
    // Of a template like /projects/team-{team}/feed.xml.
    ['/projects/team-1/feed.xml', '/api/projects/team-', '/api/projects/team-12/feed.xml?page=2', 1],
    ['/projects/team-1/feed.xml', '/api/projects/team-', '/api/projects/team-1/feed.xml?page=2', 2],
  ])('keeps to whole segments: from %s below %s to %s', async (target, prefix, next, pages) => {
    stub.answers(feedOf((page) => (page === 1 ? next : null)));
    expect(await get(4, { target, prefix })).toMatchObject({ kind: 'data', pages });
    expect(stub.requests).toHaveLength(pages);
  });

  it('shows what it has when a further page cannot be fetched', async () => {
    stub.answers((request, response) =>
      (request.url?.includes('page=2') ? says(404, '') : threePages)(request, response),
    );
    expect(await get()).toMatchObject({ kind: 'data', pages: 1, more: true });
  });

  it('reports a rejected token, so that it is renewed', async () => {
    stub.answers((request, response) =>
      (request.url?.includes('page=2') ? says(401, '') : threePages)(request, response),
    );
    expect(await get()).toMatchObject({ kind: 'unauthorized', status: 401 });
  });

  it('shows an entry once that moved to the next page while we read', async () => {
    stub.answers((request, response) => {
      const second = request.url?.includes('page=2') === true;
      says(200, second ? feed([3, 2, 1], null) : feed([5, 4, 3], '?page=2'))(request, response);
    });
    expect(ids(await get())).toEqual([5, 4, 3, 2, 1]);
  });

  it('reads no page older than the first', async () => {
    let shift = 0;
    stub.answers((request, response) => {
      const second = request.url?.includes('page=2') === true;
      if (!second && shift === 0) opened.clock.pass(5 * 1000);
      const all = [5, 4, 3, 2, 1].map((id) => id + shift);
      says(200, second ? feed(all.slice(3), null) : feed(all.slice(0, 3), '?page=2'))(request, response);
    });
    expect(ids(await get())).toEqual([5, 4, 3, 2, 1]);
    // The first page is too old now, the second, which was read five seconds later, is not.
    opened.clock.pass(26 * 1000);
    shift = 2;
    expect(ids(await get())).toEqual([7, 6, 5, 4, 3]);
  });

  it('shows all pages stale when the provider is down, without asking for each', async () => {
    stub.answers(threePages);
    await get();
    opened.clock.pass(31 * 1000);
    stub.answers(says(502, ''));
    stub.requests.length = 0;
    const outcome = await get();
    expect(ids(outcome)).toEqual([10, 11, 20, 21, 30, 31]);
    expect(outcome).toMatchObject({ stale: true, pages: 3 });
    expect(stub.requests).toHaveLength(1);
  });
});
