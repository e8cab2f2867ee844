import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type Answering, type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let opened: ReturnType<typeof openUpstream>;

/** Counts its answers, so that a new one can be distinguished from a kept one. */
const counting = (headers: Readonly<Record<string, string>> = {}): Answering => {
  let count = 0;
  return (request, response) => {
    count += 1;
    says(200, JSON.stringify({ count, owner: request.headers.authorization }), headers)(request, response);
  };
};

beforeAll(async () => {
  stub = await stubServer();
});
beforeEach(() => {
  opened = openUpstream();
  stub.requests.length = 0;
  stub.answers(counting());
  return () => opened.close();
});
afterAll(() => stub.close());

const get = (access = alice, given: Partial<ReturnType<typeof requestTo>> = {}) =>
  opened.upstream.get(access, requestTo(providerAt(stub.origin), given));
const count = async (...args: Parameters<typeof get>) =>
  (dataOf(await get(...args)) as { readonly count: number }).count;

describe('the private cache of a Connection', () => {
  it('answers again within the time to live, and dates its answer by when it asked', async () => {
    const first = await get();
    opened.clock.pass(29 * 1000);
    expect(await get()).toEqual(first);
    expect(first).toMatchObject({ stale: false, freshUntil: opened.clock.now() + 1000 });
    opened.clock.pass(1 * 1000);
    expect(await count()).toBe(2);
  });

  it('belongs to one viewer: each viewer’s call is made with that viewer’s token', async () => {
    expect(dataOf(await get(alice))).toEqual({ count: 1, owner: 'Bearer token-of-alice' });
    expect(dataOf(await get(accessOf('bob')))).toEqual({ count: 2, owner: 'Bearer token-of-bob' });
    expect(dataOf(await get(alice))).toEqual({ count: 1, owner: 'Bearer token-of-alice' });
  });

  it('keeps answers apart by generation, URL, kind of answer and version of the gadget', async () => {
    await get();
    await get(alice, { target: '/cards?page=2' });
    await get(alice, { accept: 'application/vnd.x+json' });
    await get(alice, { format: 'text' });
    await get(alice, { gadgetVersion: 'v2' });
    expect(stub.requests).toHaveLength(5);
    await get(accessOf('alice', { version: 9 }));
    expect(stub.requests).toHaveLength(5);
    await get(accessOf('alice', { generation: 2 }));
    expect(stub.requests).toHaveLength(6);
  });

  it('lets each request’s own time to live decide, and asks every time at zero', async () => {
    expect([
      await count(alice, { ttl: 300 }),
      await count(alice, { ttl: 0 }),
      await count(alice, { ttl: 0 }),
    ]).toEqual([1, 2, 3]);
    opened.clock.pass(60 * 1000);
    expect(await count(alice, { ttl: 300 })).toBe(3);
    expect(await count(alice, { ttl: 59 })).toBe(4);
  });

  it.each([[{ 'cache-control': 'private, no-store' }], [{ vary: 'accept, *' }]])(
    'stores nothing of an answer with %o, and drops what it had',
    async (headers) => {
      await get();
      opened.clock.pass(31 * 1000);
      stub.answers(counting(headers));
      expect([await count(), await count()]).toEqual([1, 2]);
      stub.answers(says(500, ''));
      expect((await get()).kind).toBe('down');
    },
  );

  it('asks again about an answer with no-cache, and never shows it stale', async () => {
    stub.answers(counting({ 'cache-control': 'no-cache', etag: '"1"' }));
    expect([await count(), await count()]).toEqual([1, 2]);
    expect(stub.requests[1]?.headers['if-none-match']).toBe('"1"');
    stub.answers(says(500, ''));
    expect((await get()).kind).toBe('down');
  });

  it('does not ask twice because of a Rails server’s max-age=0', async () => {
    stub.answers(counting({ 'cache-control': 'private, max-age=0, must-revalidate', vary: 'authorization' }));
    expect([await count(), await count()]).toEqual([1, 1]);
  });

  it.each([
    ['etag', '"v1"', 'if-none-match'],
    ['last-modified', 'Fri, 20 Nov 2026 10:00:00 GMT', 'if-modified-since'],
  ])('revalidates by %s, and is fresh again after 304', async (header, value, condition) => {
    stub.answers((request, response) => {
      const same = request.headers[condition] === value;
      says(same ? 304 : 200, same ? '' : '{"a":1}', { [header]: value })(request, response);
    });
    const first = await get();
    opened.clock.pass(31 * 1000);
    const again = await get();
    expect(again).toMatchObject({
      kind: 'data',
      data: { a: 1 },
      stale: false,
      fetchedAt: opened.clock.now(),
    });
    expect(dataOf(again)).toEqual(dataOf(first));
    await get();
    expect(stub.requests).toHaveLength(2);
  });

  it('takes a 304 that says how long the answer would be (RFC 9110 §8.6)', async () => {
    stub.answers((request, response) => {
      const same = request.headers['if-none-match'] === '"v1"';
      const headers = { etag: '"v1"', 'content-length': '7' };
      says(same ? 304 : 200, same ? '' : '{"a":1}', headers)(request, response);
    });
    await get();
    for (const _ of [1, 2]) {
      opened.clock.pass(31 * 1000);
      expect(await get()).toMatchObject({ kind: 'data', data: { a: 1 }, stale: false });
    }
    expect(stub.requests).toHaveLength(3);
  });

  it('makes one call for all who ask at once, and one more when the tokens were replaced in the meantime', async () => {
    const calls = Array.from({ length: 50 }, () => get());
    const renewed = get(accessOf('alice', { version: 2 }));
    const answers = (await Promise.all(calls)).map(dataOf);
    expect(new Set(answers).size).toBe(1);
    await renewed;
    expect(stub.requests).toHaveLength(2);
  });

  it('does not let a call join one that is older than its own time to live', async () => {
    const answering = counting();
    const asked = new Promise<() => void>((resolve) => {
      stub.answers((request, response) => resolve(() => answering(request, response)));
    });
    const first = get(alice, { ttl: 5 });
    const answerFirst = await asked;
    stub.answers(answering);
    opened.clock.pass(6 * 1000);
    const second = await get(alice, { ttl: 5 });
    answerFirst();
    expect([dataOf(second), dataOf(await first)]).toMatchObject([{ count: 1 }, { count: 2 }]);
    // The older call came home last, and must not take the newer one's place.
    expect(await count(alice, { ttl: 5 })).toBe(1);
  });

  it('holds answers that cannot be changed', async () => {
    const data = dataOf(await get()) as { count: number };
    expect(() => {
      data.count = 7;
    }).toThrow(TypeError);
  });
});

describe('a machine’s clock that is set back an hour', () => {
  it('does not change how long an answer is used', async () => {
    expect(await count()).toBe(1);
    opened.clock.set(-3600);
    opened.clock.pass(29 * 1000);
    expect(await count()).toBe(1);
    opened.clock.pass(1 * 1000);
    expect(await count()).toBe(2);
  });

  it('neither lengthens nor shortens a pause that the provider asked for', async () => {
    stub.answers(says(429, '', { 'retry-after': '60' }));
    expect(await get()).toEqual({ kind: 'rate-limited', retryAfter: 60 });
    opened.clock.set(-3600);
    stub.answers(counting());
    opened.clock.pass(59 * 1000);
    expect(await get()).toEqual({ kind: 'rate-limited', retryAfter: 1 });
    opened.clock.pass(1 * 1000);
    expect(await count()).toBe(1);
  });
});
