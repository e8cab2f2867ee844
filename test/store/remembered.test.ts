import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/domain/connection.js';
import { FRAME_SESSION_LIFE } from '../../src/domain/frame-session.js';
import type { Misplaced } from '../../src/domain/misplaced.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { Memory } from '../../src/store/change-memory.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { neverMisplaced } from '../support/misplaced.js';
import { TestClock } from '../support/test-clock.js';
import { ada, connect, frameSession, keyRing, NOW, newFlow, newFrameSession, tokenSet } from './fixtures.js';

describe('what is remembered of Connections', () => {
  let folder: string;
  let clock: TestClock;
  let stores: Stores;
  let others: Stores;
  let misplaced: Misplaced[];
  beforeEach(async () => {
    misplaced = [];
    folder = await mkdtemp(join(tmpdir(), 'oriel-store-'));
    clock = new TestClock();
    const options = {
      ...{ url: `sqlite:${join(folder, 'oriel.db')}`, keys: keyRing('k'), clock },
      misplaced: (what: Misplaced) => void misplaced.push(what),
    };
    stores = await openStores(options);
    others = await openStores(options);
  });
  afterEach(async () => {
    expect(misplaced.splice(0)).toEqual([]);
    await stores.close();
    await others.close();
    await rm(folder, { recursive: true });
  });

  it('spares the database the same question, and returns the same object', async () => {
    const connection = await connect(stores, newFlow('f'));
    const found = await stores.connections.find(ada, 'mingle');
    expect(await stores.connections.find(ada, 'mingle')).toBe(found);
    expect(await stores.connections.tokens(connection)).toBe(await stores.connections.tokens(connection));
  });

  it('is at most two seconds behind another process', async () => {
    const connection = await connect(stores, newFlow('f'));
    await stores.connections.find(ada, 'mingle');
    await stores.connections.tokens(connection);
    await others.connections.expire(connection, 'revoked');
    clock.pass(2000);
    expect((await stores.connections.find(ada, 'mingle'))?.status).toBe('reconnect');
    expect(await stores.connections.tokens(connection)).toBeNull();
  });

  it('is measured by elapsed time: a clock set back an hour hides no Disconnect', async () => {
    const connection = await connect(stores, newFlow('f'));
    await stores.connections.find(ada, 'mingle');
    clock.set(-3_600_000);
    await others.connections.expire(connection, 'revoked');
    clock.pass(2000);
    expect((await stores.connections.find(ada, 'mingle'))?.status).toBe('reconnect');
  });

  it('is not read again for as long as it does not change', async () => {
    await connect(stores, newFlow('f'));
    const found = await stores.connections.find(ada, 'mingle');
    clock.pass(60_000);
    expect(await stores.connections.find(ada, 'mingle')).toBe(found);
  });

  it('shows a Connection that another process made at once', async () => {
    expect(await stores.connections.find(ada, 'mingle')).toBeNull();
    await connect(others, newFlow('f'));
    expect(await stores.connections.find(ada, 'mingle')).not.toBeNull();
  });

  it('is never behind a write of this process', async () => {
    const { connections } = stores;
    const connection = await connect(stores, newFlow('f'), { account: 'x' });
    const seen = async (write: (known: Connection) => Promise<unknown>): Promise<void> => {
      const known = (await connections.find(ada, 'mingle')) as Connection;
      await write(known);
      expect(await connections.find(ada, 'mingle')).toEqual(await others.connections.byId(connection.id));
      clock.pass(1);
    };
    await seen((known) => connections.touch(known.id, NOW + 1));
    await seen((known) => connections.claim(known, 'me', NOW, NOW + 9));
    await seen((known) => connections.interrupt(known, 'me'));
    await seen((known) => connections.claim(known, 'me', NOW, NOW + 9));
    await seen((known) => connections.release(known, 'me'));
    await seen((known) => connections.claim(known, 'me', NOW, NOW + 9));
    await seen((known) => connections.replace(known, tokenSet('next'), NOW));
    await seen(() => connect(stores, newFlow('g', { startedAt: NOW + 9 })));
    await seen((known) => connections.expire(known, 'expired'));
    const known = (await connections.find(ada, 'mingle')) as Connection;
    await connections.retire(known, NOW);
    expect(await connections.find(ada, 'mingle')).toBeNull();
  });

  it('is given out for the viewer and provider that it names, and for no other', async () => {
    const connection = await connect(stores, newFlow('f'));
    const remembered = (await stores.connections.find(ada, 'mingle')) as { viewer: Connection['viewer'] };
    remembered.viewer = { ...ada, id: '["gocd","bob"]' as never };
    expect(await stores.connections.find(ada, 'mingle')).toEqual(
      await others.connections.byId(connection.id),
    );
    expect(misplaced.splice(0)).toEqual(['connection']);
  });

  it('never returns the tokens of one generation for another', async () => {
    const connection = await connect(stores, newFlow('f'));
    expect(await stores.connections.tokens(connection)).not.toBeNull();
    const other = { ...connection, generation: connection.generation + 1 };
    expect(await stores.connections.tokens(other)).toBeNull();
  });

  it('returns the tokens of a retired Connection to the process that revokes them, and not to an earlier reader', async () => {
    const connection = await connect(stores, newFlow('f'));
    const retired = (await stores.connections.retire(connection, NOW)) as Connection;
    expect(await stores.connections.tokens(retired)).not.toBeNull();
    expect(await stores.connections.tokens(connection)).toBeNull();
    expect(misplaced).toEqual([]);
  });

  it('shows a frame session that another process lengthened as soon as it would be over', async () => {
    const session = frameSession('s');
    await stores.frameSessions.launch(newFrameSession(session, 'j1'));
    clock.pass(FRAME_SESSION_LIFE - 1000);
    expect(await stores.frameSessions.byBearer('bearer-of-s')).toEqual(session);
    const longer = { ...session, expiresAt: session.expiresAt + FRAME_SESSION_LIFE };
    await others.frameSessions.renew(newFrameSession(longer, 'j2'));
    clock.pass(1000);
    expect(await stores.frameSessions.byBearer('bearer-of-s')).toEqual(longer);
  });

  it('is all forgotten where another process changed more than can be tracked', async () => {
    const few = await openStores({
      ...{ url: `sqlite:${join(folder, 'oriel.db')}`, keys: keyRing('k'), clock },
      limits: { connections: 9, tokens: 9, sessions: 9, changes: 1 },
    });
    const viewers = ['ada', 'bob', 'carol'].map((name) => viewerOf('gocd', name));
    for (const viewer of viewers) {
      await connect(others, newFlow(viewer.sub, { viewer }));
      expect((await few.connections.find(viewer, 'mingle'))?.status).toBe('active');
    }
    await few.frameSessions.launch(newFrameSession(frameSession('s'), 'j'));
    expect(await few.frameSessions.byBearer('bearer-of-s')).not.toBeNull();
    for (const viewer of viewers) {
      const known = await others.connections.find(viewer, 'mingle');
      if (known !== null) await others.connections.expire(known, 'revoked');
    }
    await others.bulkDisconnects.endSessions('gocd');
    clock.pass(2000);
    const seen = await Promise.all(viewers.map((viewer) => few.connections.find(viewer, 'mingle')));
    expect(seen.map((connection) => connection?.status)).toEqual(['reconnect', 'reconnect', 'reconnect']);
    expect(await few.frameSessions.byBearer('bearer-of-s')).toBeNull();
    await few.close();
  });

  it('forgets what another viewer’s newer grant displaced', async () => {
    const old = await connect(stores, newFlow('f1'), { account: 'shared' });
    await stores.connections.find(ada, 'mingle');
    const viewer = { ...ada, id: '["gocd","bob"]' as never };
    const tokens = tokenSet('f2', { issuedAt: NOW + 1 });
    const newer = await connect(stores, newFlow('f2', { viewer }), { account: 'shared', tokens });
    expect(await stores.connections.displace(newer)).toEqual([old.id]);
    expect((await stores.connections.find(ada, 'mingle'))?.reason).toBe('connected-elsewhere');
  });
});

describe('a memory', () => {
  const held = () => {
    const waiting: ((value: { n: number }) => void)[] = [];
    const read = () => new Promise<{ n: number } | null>((resolve) => waiting.push(resolve));
    const answer = (n: number) => waiting.shift()?.({ n });
    return { read, answer, asked: () => waiting.length };
  };
  const memoryOf = (clock: TestClock, life: number) =>
    new Memory<{ n: number }>({
      ...{ clock, life, size: 9, kind: 'connection', belongs: () => true, misplaced: neverMisplaced },
    });
  const forAMinute = () => memoryOf(new TestClock(), 60_000);

  it('returns only what was asked for, or reads it again', async () => {
    const reported: string[] = [];
    const memory = new Memory<{ n: number }>({
      ...{ clock: new TestClock(), life: 60_000, size: 9, kind: 'session' },
      belongs: (key, { n }) => key === String(n),
      misplaced: (what, whose) => void reported.push(`${what} ${whose}`),
    });
    const value = { n: 1 };
    await memory.get('1', async () => value);
    value.n = 2;
    expect(await memory.get('1', async () => ({ n: 1 }))).toEqual({ n: 1 });
    expect(reported).toEqual(['session null']);
    await memory.get('1', () => Promise.reject(new Error('asked again')));
  });

  it('asks once for those who ask together', async () => {
    const memory = forAMinute();
    const { read, answer, asked } = held();
    const both = [memory.get('a', read), memory.get('a', read)];
    expect(asked()).toBe(1);
    answer(1);
    expect(await Promise.all(both)).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it.each([
    ['its key', (memory: Memory<{ n: number }>) => memory.forget('a')],
    ['values like it', (memory: Memory<{ n: number }>) => memory.forgetWhere(() => false)],
  ])('does not keep what was being read when %s had to be forgotten', async (_, forget) => {
    const memory = forAMinute();
    const { read, answer, asked } = held();
    const before = memory.get('a', read);
    forget(memory);
    const between = memory.get('a', read);
    answer(1);
    expect(await before).toEqual({ n: 1 });
    forget(memory);
    answer(2);
    expect(await between).toEqual({ n: 2 });
    const after = memory.get('a', read);
    expect(asked()).toBe(1);
    answer(3);
    expect(await after).toEqual({ n: 3 });
    expect(await memory.get('a', read)).toEqual({ n: 3 });
  });

  it('holds nothing beyond its time once anything else is read', async () => {
    const clock = new TestClock();
    const memory = memoryOf(clock, 2000);
    await memory.get('a', async () => ({ n: 1 }));
    await memory.get('b', async () => ({ n: 2 }));
    clock.pass(1000);
    await memory.get('c', async () => ({ n: 3 }));
    clock.pass(1000);
    await memory.get('d', async () => ({ n: 4 }));
    const held: number[] = [];
    memory.forgetWhere(({ n }) => {
      held.push(n);
      return false;
    });
    expect(held.toSorted()).toEqual([3, 4]);
  });

  it('keeps neither failures nor nothing', async () => {
    const memory = forAMinute();
    await expect(memory.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await memory.get('a', async () => null)).toBeNull();
    expect(await memory.get('a', async () => ({ n: 3 }))).toEqual({ n: 3 });
  });
});
