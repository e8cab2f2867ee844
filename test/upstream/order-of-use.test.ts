import { beforeEach, describe, expect, it } from 'vitest';
import { type Owner, ownerOf } from '../../src/domain/connection.js';
import { CACHE_LIMITS, ConnectionCaches, OVERHEAD } from '../../src/upstream/cache.js';
import { neverMisplaced } from '../support/misplaced.js';
import { rejection } from '../support/rejection.js';
import { TestClock } from '../support/test-clock.js';
import { accessOf } from './setting.js';
import { using } from './using-cache.js';

const owner = (name: string): Owner => ownerOf(accessOf(name).connection);

/** What an entry of about a thousand bytes takes. */
const ROOM = OVERHEAD + 1100;

let clock: TestClock;
beforeEach(() => {
  clock = new TestClock();
});

/** Space for so many entries of about a thousand bytes. */
const cachesFor = (entries: number, perConnection = entries) =>
  new ConnectionCaches(
    clock,
    { ...CACHE_LIMITS, bytes: entries * ROOM, bytesPerConnection: perConnection * ROOM },
    neverMisplaced,
  );
const later = () => clock.now() + 60_000;
const put = (caches: ConnectionCaches, name: string, key: string) =>
  caches.set(owner(name), key, { owner: owner(name) }, 1000, later());
const has = (caches: ConnectionCaches, name: string, key: string) =>
  caches.get(owner(name), key) !== undefined;
const keep = (caches: ConnectionCaches, name: string) =>
  using(caches, owner(name), async (cache) =>
    cache.keep('answer', {
      ...{ kind: 'refusal', outcome: rejection(), owner: owner(name) },
      ...{ fetchedAt: 1, sentAt: 1, reuse: 1, memoryBytes: 1000 },
    } as const),
  );
const answered = (caches: ConnectionCaches, name: string) =>
  using(caches, owner(name), async (cache) => cache.answer('answer') !== undefined);

describe('what is evicted', () => {
  it('is what its Connection used longest ago, not what it got first', () => {
    const caches = cachesFor(10, 3);
    for (const key of ['first', 'second', 'third']) put(caches, 'alice', key);
    expect(has(caches, 'alice', 'first')).toBe(true);
    put(caches, 'alice', 'fourth');
    expect(has(caches, 'alice', 'second')).toBe(false);
    for (const key of ['first', 'third', 'fourth']) expect(has(caches, 'alice', key)).toBe(true);
  });

  it('is the parsed answer that was used longest ago, where renderings are spared', async () => {
    const caches = cachesFor(5);
    put(caches, 'alice', 'page');
    for (const name of ['alice', 'bob', 'carol']) await keep(caches, name);
    expect(await answered(caches, 'alice')).toBe(true);
    put(caches, 'dave', 'page');
    put(caches, 'erin', 'page');
    expect(await Promise.all(['alice', 'bob', 'carol'].map((name) => answered(caches, name)))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is nothing where the same thing is kept over and over', () => {
    const caches = cachesFor(10, 3);
    put(caches, 'alice', 'other');
    for (let times = 0; times < 20; times += 1) put(caches, 'alice', 'page');
    expect(has(caches, 'alice', 'other')).toBe(true);
  });

  it('is also the old value when there is no space for its replacement', () => {
    const caches = cachesFor(10, 3);
    put(caches, 'alice', 'page');
    caches.set(owner('alice'), 'page', { owner: owner('alice') }, 9000, later());
    expect(has(caches, 'alice', 'page')).toBe(false);
  });
});

describe('a purge', () => {
  it('ends a pause that the provider asked for', async () => {
    const caches = cachesFor(10);
    await using(caches, owner('alice'), async (cache) => cache.pause(later()));
    caches.purge(owner('alice').connection);
    await using(caches, owner('alice'), async (cache) => expect(cache.pausedUntil()).toBe(0));
  });

  it('reaches work in progress, also when nothing is kept at that moment', async () => {
    const caches = cachesFor(10);
    await using(caches, owner('alice'), async (cache) => {
      const refusal = { kind: 'refusal', outcome: rejection(), owner: owner('alice') } as const;
      const answer = { ...refusal, fetchedAt: 1, sentAt: 1, reuse: 1, memoryBytes: 1000 };
      cache.keep('answer', answer);
      cache.drop('answer');
      caches.purge(owner('alice').connection);
      cache.keep('answer', answer);
      expect(cache.answer('answer')).toBeUndefined();
    });
    expect(caches.bytes).toBe(0);
  });

  it('ends calls that others could join, and counts each once', async () => {
    const caches = new ConnectionCaches(clock, { ...CACHE_LIMITS, flights: 1 }, neverMisplaced);
    const flight = () => ({ owner: owner('alice'), startedAt: 0, settled: new Promise<never>(() => {}) });
    await using(caches, owner('alice'), async (before) => {
      const first = flight();
      before.addFlight('call', first);
      caches.purge(owner('alice').connection);
      expect(before.flight('call')).toBeUndefined();
      before.removeFlight('call', first);
      await using(caches, owner('alice'), async (after) => {
        const second = flight();
        after.addFlight('call', second);
        expect(after.flight('call')).toBe(second);
        after.removeFlight('call', first);
        expect(after.flight('call')).toBe(second);
        after.addFlight('another', flight());
        expect(after.flight('another')).toBeUndefined();
      });
    });
  });
});
