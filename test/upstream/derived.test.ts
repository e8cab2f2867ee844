import { beforeEach, describe, expect, it } from 'vitest';
import { type Owner, ownerOf } from '../../src/domain/connection.js';
import type { Misplaced } from '../../src/domain/misplaced.js';
import { CACHE_LIMITS, ConnectionCaches, OVERHEAD } from '../../src/upstream/cache.js';
import { rejection } from '../support/rejection.js';
import { TestClock } from '../support/test-clock.js';
import { accessOf, openUpstream } from './setting.js';
import { using } from './using-cache.js';

const owner = (name: string, generation = 1): Owner => ownerOf(accessOf(name, { generation }).connection);
const page = (name: string, generation = 1) => ({ owner: owner(name, generation), html: `for ${name}` });

/** What an entry of about a thousand bytes takes. */
const ROOM = OVERHEAD + 1100;

let clock: TestClock;
let found: Misplaced[];
beforeEach(() => {
  clock = new TestClock();
  found = [];
});

/** Space for so many entries of about a thousand bytes. */
const cachesFor = (entries: number, perConnection = entries) =>
  new ConnectionCaches(
    clock,
    { ...CACHE_LIMITS, bytes: entries * ROOM, bytesPerConnection: perConnection * ROOM },
    (what) => void found.push(what),
  );
const later = () => clock.now() + 60_000;
const put = (caches: ConnectionCaches, name: string, key: string, bytes = 1000, generation = 1) =>
  caches.set(owner(name, generation), key, page(name, generation), bytes, later());
const has = (caches: ConnectionCaches, name: string, key: string, generation = 1) =>
  caches.get(owner(name, generation), key) !== undefined;

describe('what is made of answers', () => {
  it('lives until it expires', async () => {
    const opened = openUpstream();
    const kept = page('alice');
    opened.caches.set(owner('alice'), 'page', kept, 10, opened.clock.now() + 1000);
    expect(opened.caches.get(owner('alice'), 'page')).toBe(kept);
    expect(opened.caches.get(owner('bob'), 'page')).toBeUndefined();
    opened.clock.pass(1 * 1000);
    expect(opened.caches.get(owner('alice'), 'page')).toBeUndefined();
    await opened.close();
  });

  it('is bounded for one Connection, so that one viewer cannot push out another', () => {
    const caches = cachesFor(10, 4);
    put(caches, 'bob', 'page');
    for (let n = 0; n < 100; n += 1) put(caches, 'alice', `page-${n}`);
    expect(has(caches, 'bob', 'page')).toBe(true);
    expect(has(caches, 'alice', 'page-99')).toBe(true);
    expect(has(caches, 'alice', 'page-95')).toBe(false);
    put(caches, 'alice', 'huge', 4 * ROOM);
    expect(has(caches, 'alice', 'huge')).toBe(false);
  });

  it('is bounded for all together: what is unused for longest goes', () => {
    const caches = cachesFor(3);
    for (const name of ['a', 'b', 'c']) put(caches, name, 'page');
    expect(has(caches, 'a', 'page')).toBe(true);
    put(caches, 'd', 'page');
    expect(['a', 'b', 'c', 'd'].map((name) => has(caches, name, 'page'))).toEqual([true, false, true, true]);
  });

  it('is bounded in number too', () => {
    const caches = new ConnectionCaches(clock, { ...CACHE_LIMITS, entries: 2 }, () => {});
    for (const name of ['a', 'b', 'c']) put(caches, name, 'page', 1);
    expect(['a', 'b', 'c'].map((name) => has(caches, name, 'page'))).toEqual([false, true, true]);
  });

  it('is kept for the generation it was made in: a newer one ends it, an older one brings nothing back', () => {
    const caches = cachesFor(10);
    put(caches, 'alice', 'page', 1000, 1);
    put(caches, 'alice', 'page', 1000, 2);
    expect(has(caches, 'alice', 'page', 1)).toBe(false);
    put(caches, 'alice', 'other', 1000, 1);
    expect(has(caches, 'alice', 'other', 1)).toBe(false);
    expect(has(caches, 'alice', 'page', 2)).toBe(true);
  });

  it('takes no space for a Connection that was purged while it was made', async () => {
    const caches = cachesFor(3);
    put(caches, 'bob', 'page');
    await using(caches, owner('alice'), async (cache) => {
      caches.purge(owner('alice').connection);
      const dated = { fetchedAt: 1, sentAt: 1, reuse: 1, memoryBytes: 1000 };
      cache.keep('late', {
        ...dated,
        ...{ kind: 'refusal', owner: owner('alice'), outcome: rejection() },
      } as const);
      expect(cache.answer('late')).toBeUndefined();
    });
    expect(caches.bytes).toBeLessThan(ROOM);
    expect(has(caches, 'bob', 'page')).toBe(true);
  });
});

describe('a cache that is full', () => {
  it('never gives one Connection what was kept for another, and its purges return', () => {
    const caches = new ConnectionCaches(
      clock,
      { ...CACHE_LIMITS, bytes: OVERHEAD + 200 },
      (what) => void found.push(what),
    );
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (let round = 0; round < 2; round += 1)
      for (const name of names) caches.set(owner(name), 'page', page(name), 100, later());
    for (const name of names) expect([undefined, page(name)]).toContainEqual(caches.get(owner(name), 'page'));
    for (const name of names) caches.purge(owner(name).connection);
    expect({ bytes: caches.bytes, found }).toEqual({ bytes: 0, found: [] });
  });

  it('lets go of parsed answers before it lets go of what was made of them', async () => {
    const caches = cachesFor(4);
    const keep = (name: string) =>
      using(caches, owner(name), async (cache) =>
        cache.keep('answer', {
          ...{ kind: 'refusal', outcome: rejection(), owner: owner(name) },
          ...{ fetchedAt: 1, sentAt: 1, reuse: 1, memoryBytes: 1000 },
        } as const),
      );
    const answered = (name: string) =>
      using(caches, owner(name), async (cache) => cache.answer('answer') !== undefined);
    for (const name of ['a', 'b', 'c', 'd']) {
      put(caches, name, 'page');
      await keep(name);
    }
    expect(['a', 'b', 'c', 'd'].map((name) => has(caches, name, 'page'))).toEqual([true, true, true, true]);
    expect(await answered('a')).toBe(false);
    // What has expired goes before anything that has not.
    clock.pass(61 * 1000);
    put(caches, 'e', 'page');
    await keep('e');
    await keep('f');
    expect([has(caches, 'e', 'page'), await answered('e'), await answered('f')]).toEqual([true, true, true]);
  });
});

describe('calls and pauses', () => {
  const flightOf = (name: string) => ({
    ...{ owner: owner(name), startedAt: 0 },
    settled: new Promise<never>(() => {}),
  });

  it('that a purge ended do not affect later ones', async () => {
    const caches = cachesFor(10);
    await using(caches, owner('alice'), async (ended) => {
      caches.purge(owner('alice').connection);
      await using(caches, owner('alice'), async (next) => {
        const dated = { fetchedAt: 1, sentAt: 1, reuse: 1, memoryBytes: 10 };
        const refusal = { kind: 'refusal', owner: owner('alice'), outcome: rejection() } as const;
        next.keep('answer', { ...dated, ...refusal });
        ended.pause(later());
        ended.addFlight('call', flightOf('alice'));
        expect(next.answer('answer')).toBeDefined();
        expect(next.pausedUntil()).toBe(0);
        expect([ended.answer('answer'), ended.flight('call')]).toEqual([undefined, undefined]);
      });
    });
  });

  it('of one account are not those of another that its viewer connects after it', async () => {
    const caches = cachesFor(10);
    await using(caches, owner('alice'), async (cache) => cache.pause(later()));
    await using(caches, owner('alice'), async (cache) => expect(cache.pausedUntil()).toBe(later()));
    await using(caches, owner('alice', 2), async (cache) => expect(cache.pausedUntil()).toBe(0));
  });

  it('beyond the limit are still made, but not shared', async () => {
    const caches = new ConnectionCaches(clock, { ...CACHE_LIMITS, flights: 1 }, () => {});
    await using(caches, owner('alice'), async (cache) => {
      const first = flightOf('alice');
      cache.addFlight('first', first);
      cache.addFlight('second', flightOf('alice'));
      expect([cache.flight('first'), cache.flight('second')]).toEqual([first, undefined]);
      cache.removeFlight('first', first);
      cache.addFlight('second', first);
      expect(cache.flight('second')).toBe(first);
    });
  });
});

describe('something kept in the wrong place', () => {
  it('is not taken', () => {
    const caches = cachesFor(3);
    caches.set(owner('alice'), 'page', page('bob'), 10, later());
    expect({ bytes: caches.bytes, found }).toEqual({ bytes: 0, found: ['derived'] });
    expect(caches.get(owner('alice'), 'page')).toBeUndefined();
  });

  it.each([
    ['Connection', owner('bob')],
    ['generation', owner('alice', 2)],
  ])('is not given out when it names another %s, but reported and dropped', (_, other) => {
    const caches = cachesFor(3);
    const kept = { owner: owner('alice') };
    caches.set(owner('alice'), 'page', kept, 10, later());
    kept.owner = other;
    expect(caches.get(owner('alice'), 'page')).toBeUndefined();
    expect(found).toEqual(['derived']);
    kept.owner = owner('alice');
    expect(caches.get(owner('alice'), 'page')).toBeUndefined();
  });

  it('is not joined', async () => {
    const caches = cachesFor(3);
    await using(caches, owner('alice'), async (cache) => {
      const settled = new Promise<never>(() => {});
      cache.addFlight('call', { owner: owner('bob'), startedAt: 0, settled });
      expect(cache.flight('call')).toBeUndefined();
      expect(found).toEqual(['call']);
    });
  });
});
