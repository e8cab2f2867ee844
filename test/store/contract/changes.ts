import { expect, it } from 'vitest';
import type { Connection } from '../../../src/domain/connection.js';
import type { Stores } from '../../../src/store/stores.js';
import { ada, bob, connect, frameSession, NOW, newFlow, tokenSet } from '../fixtures.js';
import type { OpenTwoProcesses } from './two-processes.js';

type Change = (by: Stores, known: Connection) => Promise<unknown>;

const changes: readonly (readonly [string, Change])[] = [
  ['an end', (by, known) => by.connections.expire(known, 'revoked')],
  ['a Disconnect', (by, known) => by.connections.retire(known, NOW)],
  ['a removal', (by, known) => by.connections.remove(known.id, 'revoked')],
  ['another account', (by) => connect(by, newFlow('g', { startedAt: NOW + 9 }))],
  [
    'new tokens',
    async (by, known) => {
      await by.connections.claim(known, 'me', NOW, NOW + 9);
      await by.connections.replace(known, tokenSet('next'), NOW);
    },
  ],
];

/** What is remembered in one process when another one changes it. */
export const changesContract = (open: OpenTwoProcesses): void => {
  it.each(changes)(
    'what is remembered of a Connection follows %s in another process within two seconds',
    async (_, change) => {
      const { stores, others, clock } = await open();
      await connect(stores, newFlow('f'));
      const known = await stores.connections.find(ada, 'mingle');
      if (known === null) throw new Error('not connected');
      await change(others, known);
      clock.pass(2000);
      const after = await stores.connections.find(ada, 'mingle');
      expect(after).toEqual(await others.connections.find(ada, 'mingle'));
      expect(after).not.toEqual(known);
    },
  );

  it.each([
    ['its viewer is erased', (by: Stores) => by.connectionLists.erase(ada)],
    ['its host leaves', (by: Stores) => by.bulkDisconnects.endSessions('gocd')],
  ])('a frame that is remembered ends within two seconds when %s in another process', async (_, end) => {
    const { stores, others, clock } = await open();
    const session = frameSession('s');
    await stores.frameSessions.launch({ session, bearerHash: 'h', jti: 'j', replayableUntil: NOW + 9 });
    expect(await stores.frameSessions.byBearer('h')).toEqual(session);
    clock.pass(60_000);
    expect(await stores.frameSessions.byBearer('h')).toEqual(session);
    await end(others);
    clock.pass(2000);
    expect(await stores.frameSessions.byBearer('h')).toBeNull();
  });

  it('a change is followed however long it went unread, and after old changes were swept', async () => {
    const { stores, others, clock } = await open();
    await connect(stores, newFlow('f'));
    const known = await stores.connections.find(ada, 'mingle');
    if (known === null) throw new Error('not connected');
    await others.connections.expire(known, 'revoked');
    await others.frameSessions.sweep(Date.now() + 3_600_000);
    clock.pass(100_000);
    expect((await stores.connections.find(ada, 'mingle'))?.status).toBe('reconnect');
  });

  it('a change that was swept before it was read is followed all the same', async () => {
    const { stores, others, clock } = await open();
    await connect(stores, newFlow('f'));
    await connect(stores, newFlow('g', { viewer: bob }));
    const both = [await stores.connections.find(ada, 'mingle'), await stores.connections.find(bob, 'mingle')];
    for (const known of both) if (known !== null) await others.connections.expire(known, 'revoked');
    await others.frameSessions.sweep(Date.now() + 3_600_000);
    clock.pass(100_000);
    for (const viewer of [ada, bob])
      expect((await stores.connections.find(viewer, 'mingle'))?.status).toBe('reconnect');
  });
};
