import { beforeEach, describe, expect, it } from 'vitest';
import { privateCaches } from '../../src/upstream/cache.js';
import { accessOf, openDoor } from './setting.js';

let door: ReturnType<typeof openDoor>;
beforeEach(() => {
  door = openDoor();
  return () => door.close();
});

describe('what is made of answers', () => {
  const limits = { bytesPerConnection: 2000, bytes: 3000, connections: 10 };
  const id = (name: string) => accessOf(name).connection.id;

  it('lives until it expires', () => {
    const page = { html: '' };
    door.caches.set(id('alice'), 'page', page, 10, door.clock.now() + 1000);
    expect(door.caches.get(id('alice'), 'page')).toBe(page);
    expect(door.caches.get(id('bob'), 'page')).toBeUndefined();
    door.clock.turn(1);
    expect(door.caches.get(id('alice'), 'page')).toBeUndefined();
  });

  it('is bounded for one Connection, so that one viewer cannot push out another', async () => {
    const { caches, clock, close } = openDoor({ limits });
    const later = clock.now() + 60_000;
    caches.set(id('bob'), 'page', {}, 500, later);
    for (let n = 0; n < 100; n += 1) caches.set(id('alice'), `page-${n}`, {}, 400, later);
    expect(caches.get(id('bob'), 'page')).toBeDefined();
    expect(caches.get(id('alice'), 'page-99')).toBeDefined();
    expect(caches.get(id('alice'), 'page-0')).toBeUndefined();
    caches.set(id('alice'), 'huge', {}, 5000, later);
    expect(caches.get(id('alice'), 'huge')).toBeUndefined();
    await close();
  });

  it('is bounded for all Connections together: the one unused for longest goes', async () => {
    const { caches, clock, close } = openDoor({ limits });
    const later = clock.now() + 60_000;
    for (const name of ['a', 'b', 'c']) caches.set(id(name), 'page', {}, 900, later);
    expect(caches.get(id('a'), 'page')).toBeDefined();
    caches.set(id('d'), 'page', {}, 900, later);
    expect(['a', 'b', 'c', 'd'].map((name) => caches.get(id(name), 'page') !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    await close();
  });

  it('is kept for so many Connections only', async () => {
    const { caches, clock, close } = openDoor({ limits: { ...limits, bytes: 1e6, connections: 2 } });
    for (const name of ['a', 'b', 'c']) caches.set(id(name), 'page', {}, 1, clock.now() + 60_000);
    expect(['a', 'b', 'c'].map((name) => caches.get(id(name), 'page') !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    await close();
  });

  it('takes no room for a Connection that was purged meanwhile', () => {
    const set = privateCaches(door.clock, limits);
    set.port.set(id('bob'), 'page', {}, 500, door.clock.now() + 60_000);
    for (let n = 0; n < 10; n += 1) {
      const purged = set.of(id(`viewer-${n}`));
      set.port.purge(id(`viewer-${n}`));
      purged.derive('page', {}, 900, door.clock.now() + 60_000);
    }
    set.port.set(id('alice'), 'page', {}, 500, door.clock.now() + 60_000);
    expect(set.port.get(id('bob'), 'page')).toBeDefined();
  });
});
