import { describe, expect, it } from 'vitest';
import type { BulkDisconnect, Leaver } from '../../../src/domain/bulk-disconnect.js';
import type { FlowFailure } from '../../../src/domain/flow.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Stores } from '../../../src/store/stores.js';
import {
  ada,
  bob,
  connect,
  flowTo,
  frameSession,
  NOW,
  newFlow,
  newFrameSession,
  newTicket,
} from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const atWiki = viewerOf('wiki', 'ada');
const MANY = 100;
const OVER: FlowFailure = { code: 'cancelled', as: 'cancelled_host_removed' };

/** Ada and bob of gocd at mingle, ada at github, and a viewer at another host with an id that starts the same. */
const settle = async (stores: Stores): Promise<void> => {
  await connect(stores, newFlow('ada'));
  await connect(stores, newFlow('bob', { viewer: bob }));
  await connect(stores, newFlow('ada-github', { provider: 'github' }));
  await connect(stores, newFlow('wiki', { viewer: atWiki }));
  await connect(stores, newFlow('gocd-2', { viewer: viewerOf('gocd-2', 'ada') }));
};

const start = (stores: Stores, leaver: Leaver, id = 'departure'): Promise<BulkDisconnect> =>
  stores.bulkDisconnects.start({ id, leaver, startedAt: NOW, startedBy: 'root' });

const concerned = async (stores: Stores, bulkDisconnect: BulkDisconnect): Promise<readonly string[]> =>
  (await stores.bulkDisconnects.unretired(bulkDisconnect, MANY)).map(({ flow }) => flow).sort();

const removeAll = async (stores: Stores, bulkDisconnect: BulkDisconnect): Promise<void> => {
  for (const { id } of await stores.bulkDisconnects.unretired(bulkDisconnect, MANY))
    await stores.connections.remove(id, 'revoked');
};

/** Bulk disconnects: who they concern, what they count, and that they end. */
export const bulkDisconnectContract = (open: OpenTwoProcesses): void => {
  describe('a bulk disconnect', () => {
    it.each<[string, Leaver, readonly string[]]>([
      ['of a provider', { kind: 'provider', provider: 'github' }, ['ada-github']],
      ['of a host', { kind: 'host', host: 'gocd' }, ['ada', 'ada-github', 'bob']],
      ['of a viewer', { kind: 'viewer', host: 'gocd', viewer: ada }, ['ada', 'ada-github']],
      ['of what was chosen', { kind: 'connections', provider: 'mingle', host: 'gocd' }, ['ada', 'bob']],
      [
        'of everything',
        { kind: 'connections', provider: null, host: null },
        ['ada', 'ada-github', 'bob', 'gocd-2', 'wiki'],
      ],
    ])('%s concerns exactly those Connections', async (_, leaver, expected) => {
      const { stores, others } = await open();
      await settle(stores);
      const bulkDisconnect = await start(stores, leaver);
      expect(bulkDisconnect).toEqual({
        ...{ id: 'departure', leaver, startedAt: NOW, startedBy: 'root', total: expected.length },
        ...{ revoked: 0, asked: 0, nothing: 0, unrevoked: 0, closedAt: null, finishedAt: null },
      });
      expect(await others.bulkDisconnects.byId('departure')).toEqual(bulkDisconnect);
      expect(await concerned(others, bulkDisconnect)).toEqual(expected);
      expect(await others.bulkDisconnects.left(bulkDisconnect)).toBe(expected.length);
    });

    it('takes what is connected later along where all must go, and leaves it elsewhere', async () => {
      const { stores } = await open();
      const later = newFlow('later', { startedAt: NOW + 1 });
      const all = await start(stores, { kind: 'provider', provider: 'mingle' }, 'all');
      const chosen = await start(stores, { kind: 'connections', provider: 'mingle', host: null }, 'chosen');
      const person = await start(stores, { kind: 'viewer', host: 'gocd', viewer: ada }, 'person');
      await connect(stores, later, { now: NOW + 1 });
      expect(await concerned(stores, all)).toEqual(['later']);
      expect(await concerned(stores, chosen)).toEqual([]);
      expect(await concerned(stores, person)).toEqual([]);
    });

    it('counts each Connection once, whichever of twenty removes it, in every bulk disconnect that waited for it', async () => {
      const both = await open();
      const { stores } = both;
      await settle(stores);
      const provider = await start(stores, { kind: 'provider', provider: 'mingle' }, 'provider');
      const host = await start(stores, { kind: 'host', host: 'gocd' }, 'host');
      const other = await start(stores, { kind: 'host', host: 'wiki' }, 'other');
      const [first, second] = await stores.bulkDisconnects.unretired(host, MANY);
      if (!first || !second) throw new Error('nothing to remove');
      await race(both, (each) => each.connections.remove(first.id, 'revoked'));
      await stores.connections.remove(second.id, 'unrevoked');
      expect(await stores.bulkDisconnects.byId(host.id)).toMatchObject({
        total: 3,
        revoked: 1,
        unrevoked: 1,
      });
      expect(await stores.bulkDisconnects.left(host)).toBe(1);
      const there = [first, second].filter(({ provider: id }) => id === 'mingle').length;
      const counted = await stores.bulkDisconnects.byId(provider.id);
      expect((counted?.revoked ?? 0) + (counted?.unrevoked ?? 0)).toBe(there);
      expect(await stores.bulkDisconnects.byId(other.id)).toMatchObject({ revoked: 0, unrevoked: 0 });
    });

    it('still has those that were retired, which need not be retired again', async () => {
      const { stores } = await open();
      await settle(stores);
      const bulkDisconnect = await start(stores, { kind: 'provider', provider: 'github' });
      const [connection] = await stores.bulkDisconnects.unretired(bulkDisconnect, MANY);
      if (!connection) throw new Error('nothing to retire');
      await stores.connections.retire(connection, NOW);
      expect(await stores.bulkDisconnects.unretired(bulkDisconnect, MANY)).toEqual([]);
      expect(await stores.bulkDisconnects.left(bulkDisconnect)).toBe(1);
    });

    it('ends the consents of those it concerns, and shows which of them hold tokens', async () => {
      const { stores } = await open();
      await flowTo(stores).pending(newFlow('held'));
      await flowTo(stores).accepted(newFlow('accepted', { provider: 'github' }));
      await flowTo(stores).redirected(newFlow('bare'));
      await flowTo(stores).pending(newFlow('of-another', { viewer: atWiki }));
      const bulkDisconnect = await start(stores, { kind: 'host', host: 'gocd' });
      await stores.bulkDisconnects.cancelFlows(bulkDisconnect, OVER);
      expect((await stores.bulkDisconnects.holding(bulkDisconnect, MANY)).map(({ id }) => id)).toEqual([
        'accepted',
        'held',
      ]);
      expect(await stores.flows.byId('bare')).toMatchObject({ status: 'cancelled', failure: OVER });
      expect(await stores.flows.byId('of-another')).toMatchObject({ status: 'pending' });
    });
  });

  describe('the end of a bulk disconnect', () => {
    it('comes once, when neither a Connection nor tokens of a consent are left', async () => {
      const both = await open();
      const { stores } = both;
      await settle(stores);
      await flowTo(stores).pending(newFlow('held', { provider: 'github' }));
      const bulkDisconnect = await start(stores, { kind: 'provider', provider: 'github' });
      await stores.bulkDisconnects.cancelFlows(bulkDisconnect, OVER);
      expect(await stores.bulkDisconnects.finish(bulkDisconnect, NOW + 1)).toBe(false);
      await removeAll(stores, bulkDisconnect);
      expect(await stores.bulkDisconnects.finish(bulkDisconnect, NOW + 1)).toBe(false);
      // The flow that made the Connection still holds its tokens too.
      for (const { id } of await stores.bulkDisconnects.holding(bulkDisconnect, MANY))
        await stores.flows.forget(id);
      const finished = await race(both, (each) => each.bulkDisconnects.finish(bulkDisconnect, NOW + 1));
      expect(finished.filter(Boolean)).toHaveLength(1);
      expect(await stores.bulkDisconnects.unfinished()).toEqual([]);
      expect(await stores.bulkDisconnects.latest(9)).toMatchObject([
        { id: 'departure', finishedAt: NOW + 1 },
      ]);
    });

    it('of a viewer forgets who it was', async () => {
      const { stores } = await open();
      const bulkDisconnect = await start(stores, { kind: 'viewer', host: 'gocd', viewer: ada });
      expect(await stores.bulkDisconnects.ofViewer(ada)).toEqual(bulkDisconnect);
      expect(await stores.bulkDisconnects.ofViewer(bob)).toBeNull();
      expect(await stores.bulkDisconnects.finish(bulkDisconnect, NOW)).toBe(true);
      expect(await stores.bulkDisconnects.ofViewer(ada)).toBeNull();
      const finished = await stores.bulkDisconnects.byId('departure');
      expect(finished?.leaver).toEqual({ kind: 'viewer', host: 'gocd', viewer: null });
      await settle(stores);
      expect(finished && (await stores.bulkDisconnects.left(finished))).toBe(0);
    });
  });

  describe('a host’s sessions', () => {
    it('all end, no other host’s, and a token that was used stays used', async () => {
      const { stores, others, clock } = await open();
      const at = async (id: string, viewer = ada) => {
        await stores.frameSessions.launch(newFrameSession(frameSession(id, { viewer }), `jti-${id}`));
        await stores.tickets.put(newTicket(`ticket-${id}`, { viewer, expiresAt: NOW + 1000 }));
        await stores.webSessions.set(`web-${id}`, '{}', NOW + 1000, viewer);
      };
      await at('gocd');
      await at('wiki', atWiki);
      await stores.webSessions.set('nobody', '{}', NOW + 1000);
      expect(await others.frameSessions.byBearer('bearer-of-gocd')).not.toBeNull();
      await stores.bulkDisconnects.endSessions('gocd');
      clock.pass(2000);
      expect(await stores.frameSessions.byBearer('bearer-of-gocd')).toBeNull();
      expect(await others.frameSessions.byBearer('bearer-of-gocd')).toBeNull();
      expect(await stores.tickets.take('ticket-gocd', NOW)).toBeNull();
      expect(await stores.webSessions.get('web-gocd', NOW)).toBeNull();
      expect(await stores.frameSessions.launch(newFrameSession(frameSession('again'), 'jti-gocd'))).toBe(
        'replayed',
      );
      expect(await stores.frameSessions.byBearer('bearer-of-wiki')).not.toBeNull();
      expect(await stores.tickets.take('ticket-wiki', NOW)).not.toBeNull();
      expect(await stores.webSessions.get('web-wiki', NOW)).toBe('{}');
      expect(await stores.webSessions.get('nobody', NOW)).toBe('{}');
    });
  });
};
