import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PageStep } from '../../src/domain/gadget.js';
import { linkWith } from '../../src/upstream/further-pages.js';
import type { UpstreamRequest } from '../../src/upstream/upstream-call.js';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let elsewhere: StubServer;
let opened: ReturnType<typeof openUpstream>;

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

type Wanted = { readonly items?: string; readonly further?: number; readonly allowed?: number };

const read = (
  step: PageStep,
  { items = '', further = 4, allowed = further + 1 }: Wanted = {},
  more: Partial<UpstreamRequest> = {},
) =>
  opened.upstream.get(
    alice,
    requestTo(providerAt(stub.origin), {
      target: '/cards?x=1',
      pages: { step, items, further, allowed },
      ...more,
    }),
  );

const asked = (request: IncomingMessage): URLSearchParams =>
  new URL(request.url ?? '', stub.origin).searchParams;
const answers = (answer: (query: URLSearchParams, body: string) => { data: unknown; link?: string }) =>
  stub.answers((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { data, link } = answer(asked(request), body);
      says(200, JSON.stringify(data), link === undefined ? {} : { link })(request, response);
    });
  });

/** `count` items in pages of two. */
const items = (count: number, from: number) => [1, 2].map((n) => from + n).filter((n) => n <= count);

describe('pages by link', () => {
  const link = { by: 'link', rel: 'next' } as const;
  const linked = (pages: number, href: (page: number) => string) =>
    answers((query) => {
      const page = Number(query.get('page') ?? 1);
      const next = page < pages ? `<${href(page + 1)}>; rel="next"` : undefined;
      return { data: [page], link: [`<${href(1)}>; rel="first"`, next].filter(Boolean).join(', ') };
    });

  it('are read to the end, and `more` says whether there is one', async () => {
    linked(3, (page) => `${stub.origin}/api/cards?x=1&page=${page}`);
    expect(await read(link)).toMatchObject({ data: [1, 2, 3], pages: 3, more: false });
    expect(await read(link, { further: 1 })).toMatchObject({ data: [1, 2], pages: 2, more: true });
    expect(stub.requests).toHaveLength(3);
  });

  it('are read from the kept answer too, with the link it came with', async () => {
    linked(2, (page) => `?page=${page}`);
    await read(link);
    opened.clock.pass(1000);
    expect(await read(link)).toMatchObject({ data: [1, 2], pages: 2 });
    expect(stub.requests).toHaveLength(2);
  });

  it.each([
    ['another origin', () => `${elsewhere.origin}/api/cards?page=2`],
    ['outside of the prefix', () => '/other?page=2'],
    ['a step out of it', () => '/api/../other'],
    ['no URL', () => 'http://[oops'],
    ['userinfo', () => `http://a:b@${new URL(stub.origin).host}/api/cards?page=2`],
  ])('never lead to %s', async (_, href) => {
    linked(3, href);
    expect(await read(link)).toMatchObject({ data: [1], pages: 1, more: true });
    expect(stub.requests).toHaveLength(1);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('lead to the very path that was asked, whatever is encoded in it', async () => {
    const target = '/projects/group%2Fapollo/issues';
    linked(2, (page) => `${stub.origin}/api${target}?page=${page}`);
    const at = { target, prefix: '/api/projects/' };
    expect(await read(link, {}, at)).toMatchObject({ data: [1, 2] });
    linked(2, (page) => `${stub.origin}/api/projects/group%2Fsecret/issues?page=${page}`);
    expect(await read(link, {}, { ...at, ttl: 0 })).toMatchObject({ data: [1], more: true });
  });

  it.each([
    ['<a?p=2>; rel="next"', 'a?p=2'],
    ['<a>; rel=next', 'a'],
    ['<a>; REL="prev next"', 'a'],
    ['<p>; rel="prev", <n>; title="a, b; <x>"; rel="next"', 'n'],
    ['<a>; title="rel=\\"next\\""; rel="last"', null],
    ['<a>; rel="last"; rel="next"', null],
    ['<a>; rel="next"; anchor="/other"', null],
    ['<a,b;c>; rel="next"', 'a,b;c'],
    ['', null],
    ['rel="next"', null],
  ])('are found in the header %j', (header, href) => {
    expect(linkWith(header, 'next')).toBe(href);
  });

  it('are looked for in any header in no time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', ';', ' ', '"', '\\', ',', 'rel=', 'next', 'a')),
        (parts) => {
          linkWith(parts.join(''), 'next');
        },
      ),
    );
    const startedAt = performance.now();
    for (const part of [' ', ';', '<', '"', '<a>;', '; a="', '<a>; rel="x', '\\"'])
      linkWith(part.repeat(16_000 / part.length), 'next');
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('pages by token', () => {
  const token = { by: 'token', next: 'meta.next', send: 'cursor' } as const;

  it('send the token of the last page along, and merge the items within the first answer', async () => {
    answers((query) => {
      const at = Number(query.get('cursor') ?? 0);
      return {
        data: { kind: 'list', values: items(5, at), meta: { next: at + 2 < 5 ? String(at + 2) : '' } },
      };
    });
    expect(await read(token, { items: 'values' })).toMatchObject({
      data: { kind: 'list', values: [1, 2, 3, 4, 5] },
      pages: 3,
      more: false,
    });
    expect(asked(stub.requests[1] as IncomingMessage).toString()).toBe('x=1&cursor=2');
    expect(await read(token, { items: 'values', further: 1 })).toMatchObject({ pages: 2, more: true });
  });

  it('never take a token for a part of the address', async () => {
    const next = `https://evil.example/?a=1&admin=1#\r\nX-A: b`;
    answers((query) => ({ data: { values: [1], meta: { next: query.has('cursor') ? null : next } } }));
    await read(token, { items: 'values' });
    expect(stub.requests).toHaveLength(2);
    const second = new URL(stub.requests[1]?.url ?? '', stub.origin);
    expect([second.pathname, second.searchParams.get('cursor'), second.searchParams.get('admin')]).toEqual([
      '/api/cards',
      next,
      null,
    ]);
  });

  it('end where the same token comes again, or something that is none', async () => {
    answers(() => ({ data: { values: [1], meta: { next: 'same' } } }));
    expect(await read(token, { items: 'values' })).toMatchObject({ pages: 2, more: true });
    for (const next of [{ a: 1 }, [], true, 'x'.repeat(5000)]) {
      answers(() => ({ data: { values: [1], meta: { next } } }));
      expect(await read(token, { items: 'values' }, { ttl: 0 })).toMatchObject({ pages: 1, more: false });
    }
  });

  it('are set in the body of a POST', async () => {
    answers((_, body) => {
      const at = (JSON.parse(body) as { page: { from?: number } }).page.from ?? 0;
      return { data: { values: items(3, at), meta: { next: at === 0 ? 2 : null } } };
    });
    const posted = { body: '{"q":"a","page":{"size":2}}' };
    expect(await read({ ...token, send: 'page.from' }, { items: 'values' }, posted)).toMatchObject({
      data: { values: [1, 2, 3] },
    });
    expect(stub.requests.map(({ url }) => url)).toEqual(['/api/cards?x=1', '/api/cards?x=1']);
  });
});

it('Pages by cursor follow `pageInfo`, as long as it says that there is a next page', async () => {
  answers((_, body) => {
    const { after = 0 } = (JSON.parse(body) as { variables: { after?: string } }).variables;
    const at = Number(after);
    const pageInfo = { hasNextPage: at + 2 < 5, endCursor: String(at + 2) };
    return { data: { data: { issues: { nodes: items(5, at), pageInfo } } } };
  });
  const step = { by: 'cursor', info: 'data.issues.pageInfo', send: 'variables.after' } as const;
  const body = '{"query":"query($after: String) { a }","variables":{}}';
  const outcome = await read(step, { items: 'data.issues.nodes' }, { body });
  expect(outcome).toMatchObject({ pages: 3, more: false });
  expect(dataOf(outcome)).toMatchObject({ data: { issues: { nodes: [1, 2, 3, 4, 5] } } });
});

describe('pages that are counted', () => {
  const page = { by: 'page', send: 'page', first: 1, size: null, total: null } as const;
  const offset = { ...page, by: 'offset', send: 'startAt', first: 0 } as const;
  const paged = (count: number) =>
    answers((query) => ({
      data: { total: count, values: items(count, (Number(query.get('page') ?? 1) - 1) * 2) },
    }));
  const values = { items: 'values' };

  it('end with an empty page, with one that is short, or with the total', async () => {
    paged(5);
    expect(await read(page, values)).toMatchObject({
      data: { values: [1, 2, 3, 4, 5] },
      pages: 4,
      more: false,
    });
    expect(await read({ ...page, size: 2 }, values, { ttl: 0 })).toMatchObject({ pages: 3, more: false });
    expect(await read({ ...page, total: 'total' }, values, { ttl: 0 })).toMatchObject({
      pages: 3,
      more: false,
    });
  });

  it.each([
    [4, false],
    [5, true],
  ])(
    'look at one page more where nothing else says whether there is more: of %i items',
    async (count, more) => {
      paged(count);
      expect(await read(page, { ...values, further: 1 })).toMatchObject({
        data: { values: [1, 2, 3, 4] },
        pages: 3,
        more,
      });
      expect(await read({ ...page, total: 'total' }, { ...values, further: 1 }, { ttl: 0 })).toMatchObject({
        pages: 2,
        more,
      });
    },
  );

  it('ask for no more pages than the rendering has left', async () => {
    paged(9);
    expect(await read(page, { ...values, allowed: 1 })).toMatchObject({ pages: 2, more: true });
    expect(stub.requests).toHaveLength(2);
  });

  it('are asked for by how many items were read', async () => {
    answers((query) => ({ data: items(5, Number(query.get('startAt') ?? 0)) }));
    expect(await read({ ...offset, size: 2 })).toMatchObject({
      data: [1, 2, 3, 4, 5],
      pages: 3,
      more: false,
    });
    expect(stub.requests.map((each) => asked(each).get('startAt'))).toEqual([null, '2', '4']);
  });
});

it('A page that cannot be had ends the reading, and what was read is shown', async () => {
  stub.answers((request, response) =>
    asked(request).has('page') ? says(500, '')(request, response) : says(200, '[1,2]')(request, response),
  );
  expect(await read({ by: 'page', send: 'page', first: 1, size: null, total: null })).toMatchObject({
    data: [1, 2],
    pages: 1,
    more: true,
  });
});
