import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ownerOf } from '../../src/domain/connection.js';
import { accessOf, dataOf, NOW, openUpstream, providerAt, requestTo } from './setting.js';
import { type Answering, type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
const hangsUp: Answering = (_, response) => response.destroy();
let stub: StubServer;
let opened: ReturnType<typeof openUpstream>;

beforeAll(async () => {
  stub = await stubServer();
});
beforeEach(() => {
  opened = openUpstream();
  stub.answers(says(200, '{"a":1}'));
  stub.requests.length = 0;
  return () => opened.close();
});
afterAll(() => stub.close());

const get = (access = alice, given: Partial<ReturnType<typeof requestTo>> = {}) =>
  opened.upstream.get(access, requestTo(providerAt(stub.origin), given));

describe('when a provider cannot be asked', () => {
  it.each([
    ['fails', says(500, '{}')],
    ['is not available', says(503, '{}', { 'retry-after': '9' })],
    ['hangs up', hangsUp],
  ])('and %s, an older answer is shown as stale, with its own age', async (_, answering) => {
    const first = await get();
    const fetchedAt = first.kind === 'data' ? first.fetchedAt : 0;
    stub.answers(answering);
    opened.clock.pass(60 * 1000);
    expect(await get()).toMatchObject({ kind: 'data', data: { a: 1 }, stale: true, fetchedAt });
    stub.answers(says(200, '{"a":2}'));
    expect(await get()).toMatchObject({ data: { a: 2 }, stale: false });
  });

  it('nothing older than the time to live and maxStale is shown', async () => {
    await get();
    stub.answers(hangsUp);
    opened.clock.pass(330 * 1000);
    expect((await get()).kind).toBe('data');
    opened.clock.pass(1 * 1000);
    expect(await get()).toEqual({ kind: 'down', reason: 'network' });
  });

  it('nothing stale is shown where maxStale is zero', async () => {
    const strict = openUpstream({ maxStaleMs: () => 0 });
    const ask = () => strict.upstream.get(alice, requestTo(providerAt(stub.origin)));
    await ask();
    stub.answers(hangsUp);
    strict.clock.pass(31 * 1000);
    expect((await ask()).kind).toBe('down');
    await strict.close();
  });

  it('nothing is shown that was there before a 403 that speaks of limits only by what it refuses', async () => {
    await get();
    opened.clock.pass(60 * 1000);
    stub.answers(says(403, '{"message":"You may not see the project “Quota planning”."}'));
    expect((await get()).kind).not.toBe('data');
    stub.answers(hangsUp);
    expect((await get()).kind).toBe('down');
  });

  it('what was there before a 403 that is a limit by its headers is shown', async () => {
    await get();
    opened.clock.pass(60 * 1000);
    stub.answers(says(403, '{"message":"API rate limit exceeded"}', { 'x-ratelimit-remaining': '0' }));
    expect(await get()).toMatchObject({ kind: 'data', stale: true });
  });

  it.each([401, 403, 404, 410, 400, 302])('nothing is shown that was there before a %i', async (status) => {
    await get();
    opened.clock.pass(31 * 1000);
    stub.answers(says(status, '{}', { location: '/login' }));
    expect((await get()).kind).not.toBe('data');
    opened.clock.pass(31 * 1000);
    stub.answers(hangsUp);
    expect((await get()).kind).toBe('down');
  });

  it('nothing of another generation or another viewer is shown', async () => {
    await get();
    opened.clock.pass(31 * 1000);
    stub.answers(hangsUp);
    expect((await get(accessOf('alice', { generation: 2 }))).kind).toBe('down');
    expect((await get(accessOf('bob'))).kind).toBe('down');
  });

  it('under a rate limit what was kept is shown with its age, and asked for again only once the limit is over', async () => {
    await get();
    opened.clock.pass(31 * 1000);
    stub.answers(says(429, '{}', { 'retry-after': '60' }));
    expect(await get()).toMatchObject({ kind: 'data', stale: true, fetchedAt: NOW });
    opened.clock.pass(20 * 1000);
    expect(await get()).toMatchObject({ kind: 'data', stale: true });
    expect(stub.requests).toHaveLength(2);
    opened.clock.pass(300 * 1000);
    expect((await get()).kind).toBe('rate-limited');
    expect(stub.requests).toHaveLength(3);
  });

  it('and there is no token, what this Connection has cached is shown without a call', async () => {
    const kept = (access = alice, given: Partial<ReturnType<typeof requestTo>> = {}) =>
      opened.upstream.kept(access.connection, requestTo(providerAt(stub.origin), given));
    expect(await kept()).toBeNull();
    await get();
    expect(await kept()).toMatchObject({ data: { a: 1 }, stale: false });
    opened.clock.pass(330 * 1000);
    expect(await kept()).toMatchObject({ data: { a: 1 }, stale: true, fetchedAt: NOW });
    expect(await kept(accessOf('alice', { version: 2 }))).toMatchObject({ stale: true });
    expect(await kept(accessOf('bob'))).toBeNull();
    expect(await kept(accessOf('alice', { generation: 0 }))).toBeNull();
    expect(await kept(alice, { target: '/walls' })).toBeNull();
    opened.clock.pass(1 * 1000);
    expect(await kept()).toBeNull();
    expect(stub.requests).toHaveLength(1);
  });

  it.each([401, 403, 404])(
    'without a token, nothing is shown that was cached before a %i',
    async (status) => {
      await get();
      opened.clock.pass(31 * 1000);
      stub.answers(says(status, '{}'));
      await get();
      expect(await opened.upstream.kept(alice.connection, requestTo(providerAt(stub.origin)))).toBeNull();
    },
  );

  it('without a token, nothing is shown once the Connection was purged', async () => {
    await get();
    opened.caches.purge(alice.connection.id);
    expect(await opened.upstream.kept(alice.connection, requestTo(providerAt(stub.origin)))).toBeNull();
  });

  it('a refusal is not asked about again at once, nor shown longer than 30 s or the time to live', async () => {
    stub.answers(says(403, '{}'));
    await get(alice, { ttl: 300 });
    await get(alice, { ttl: 300 });
    expect(stub.requests).toHaveLength(1);
    expect((await get(alice, { ttl: 0 })).kind).toBe('forbidden');
    expect(stub.requests).toHaveLength(2);
    opened.clock.pass(29 * 1000);
    await get(alice, { ttl: 300 });
    expect(stub.requests).toHaveLength(2);
    opened.clock.pass(1 * 1000);
    stub.answers(says(200, '{"a":3}'));
    expect(dataOf(await get(alice, { ttl: 300 }))).toEqual({ a: 3 });
  });

  it('a 401 is asked about again every time', async () => {
    stub.answers(says(401, '{}'));
    await get();
    await get();
    expect(stub.requests).toHaveLength(2);
  });
});

describe('when a Connection is purged', () => {
  it('nothing of it is left, neither answers nor what was made of them', async () => {
    await get();
    const owner = ownerOf(alice.connection);
    opened.caches.set(owner, 'page', { owner }, 10, opened.clock.now() + 60_000);
    expect(opened.caches.get(owner, 'page')).toBeDefined();
    opened.caches.purge(alice.connection.id);
    expect(opened.caches.get(owner, 'page')).toBeUndefined();
    await get();
    expect(stub.requests).toHaveLength(2);
  });

  it('a call that was under way brings nothing back, neither fresh nor stale', async () => {
    const asked = new Promise<() => void>((resolve) => {
      stub.answers((request, response) => resolve(() => says(200, '{"a":1}')(request, response)));
    });
    const under = get();
    const finish = await asked;
    opened.caches.purge(alice.connection.id);
    finish();
    await under;
    stub.answers(hangsUp);
    expect((await get()).kind).toBe('down');
  });

  it('a failed call that was under way does not show what was there before', async () => {
    await get();
    opened.clock.pass(31 * 1000);
    const asked = new Promise<() => void>((resolve) => {
      stub.answers((_, response) => resolve(() => response.destroy()));
    });
    const under = get();
    const fail = await asked;
    // What is asked once more, for it was cut off on a connection that was kept, fails too.
    stub.answers(hangsUp);
    opened.caches.purge(alice.connection.id);
    fail();
    expect((await under).kind).toBe('down');
  });
});
