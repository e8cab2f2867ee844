import { describe, expect, it } from 'vitest';
import type { Connection, ConnectionId } from '../../../src/domain/connection.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Stores } from '../../../src/store/stores.js';
import { ada, bob, connect, NOW, newFlow } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

/** Hosts of which each one's name could be taken for a part of another's. */
const HOSTS = ['gocd', 'gocd-2', 'goc', 'go_d', 'g%', 'GOCD', 'a"', 'a","b', 'a\\', 'ü', '\u0000', ''];

const walk = async (
  stores: Stores,
  filter: Parameters<Stores['connectionLists']['page']>[0],
  limit: number,
) => {
  const found: Connection[] = [];
  for (let after: string | null = null; ; ) {
    const page: readonly Connection[] = await stores.connectionLists.page(filter, { after, limit });
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined) return found;
    after = last.id;
  }
};

const idsOf = (connections: readonly Connection[]) => connections.map(({ id }) => id).sort();

/** How Connections are listed and counted, and who used them. */
export const connectionListsContract = (open: OpenTwoProcesses): void => {
  describe('the list of Connections', () => {
    it('returns each Connection once, page by page', async () => {
      const { stores } = await open();
      const made: Connection[] = [];
      for (let n = 0; n < 7; n += 1)
        made.push(await connect(stores, newFlow(`f${n}`, { viewer: viewerOf('gocd', `v${n}`) })));
      const found = await walk(stores, {}, 3);
      expect(idsOf(found)).toEqual(idsOf(made));
      expect(found.find(({ id }) => id === made[0]?.id)).toEqual(made[0]);
    });

    it('finds the Connections of exactly one host, whatever its name', async () => {
      const { stores } = await open();
      for (const [n, host] of HOSTS.entries())
        await connect(stores, newFlow(`f${n}`, { viewer: viewerOf(host, 'x","y') }));
      for (const [n, host] of HOSTS.entries())
        expect(idsOf(await walk(stores, { host }, 5))).toEqual([`connection-of-f${n}`]);
      expect(await walk(stores, { host: 'g' }, 5)).toEqual([]);
    });

    it('finds by provider, host and status together', async () => {
      const { stores } = await open();
      await connect(stores, newFlow('f1'));
      await connect(stores, newFlow('f2', { provider: 'github' }));
      const gone = await connect(stores, newFlow('f3', { viewer: bob }));
      await stores.connections.expire(gone, 'revoked');
      const found = (filter: object) => walk(stores, filter, 10).then(idsOf);
      expect(await found({ provider: 'mingle' })).toEqual(['connection-of-f1', 'connection-of-f3']);
      expect(await found({ status: 'active' })).toEqual(['connection-of-f1', 'connection-of-f2']);
      const all = { provider: 'mingle', host: 'gocd', status: 'reconnect' } as const;
      expect(await found(all)).toEqual(['connection-of-f3']);
      expect(await found({ ...all, host: 'wiki' })).toEqual([]);
    });

    it('counts by provider, host, status and reason, with those on their way out', async () => {
      const { stores } = await open();
      await connect(stores, newFlow('f1'));
      await connect(stores, newFlow('f2', { viewer: bob }));
      const expired = await connect(stores, newFlow('f3', { viewer: viewerOf('wiki', 'ada') }));
      await stores.connections.expire(expired, 'interrupted');
      const retired = await connect(stores, newFlow('f4', { provider: 'github' }));
      await stores.connections.retire(retired, NOW);
      expect(await stores.connectionLists.counts()).toEqual([
        { provider: 'github', host: 'gocd', status: 'revoking', reason: null, count: 1 },
        { provider: 'mingle', host: 'gocd', status: 'active', reason: null, count: 2 },
        { provider: 'mingle', host: 'wiki', status: 'reconnect', reason: 'interrupted', count: 1 },
      ]);
    });
  });

  describe('a name that nothing can have', () => {
    it.each(['\u0000', 'a\u0000b', '\ud800'])('is found nowhere, and fails nowhere: %j', async (name) => {
      const { stores } = await open();
      await connect(stores, newFlow('f'));
      expect(await stores.connections.byId(name as ConnectionId)).toBeNull();
      expect(await stores.flows.byId(name)).toBeNull();
      expect(await stores.bulkDisconnects.byId(name)).toBeNull();
      expect(await stores.admins.byId(name)).toBeNull();
      expect(await stores.apiKeys.revoke(name, NOW)).toBe(false);
      expect(await walk(stores, { provider: name }, 5)).toEqual([]);
      expect(await stores.connectionLists.page({}, { after: name, limit: 5 })).toBeInstanceOf(Array);
      expect(await stores.audit.list({ provider: name }, { before: null, limit: 5 })).toEqual([]);
    });
  });

  describe('the uses of a Connection', () => {
    it('are its latest by each gadget, whichever process noted them', async () => {
      const both = await open();
      const { stores } = both;
      const { id } = await connect(stores, newFlow('f'));
      await race(both, (each, n) => each.connectionLists.used(id, `gadget-${n % 2}`, NOW + n));
      await stores.connectionLists.used(id, 'gadget-0', NOW);
      expect(await stores.connectionLists.usesOf([id])).toEqual([
        { connection: id, gadget: 'gadget-1', lastUsedAt: NOW + 19 },
        { connection: id, gadget: 'gadget-0', lastUsedAt: NOW + 18 },
      ]);
      expect(await stores.connectionLists.usesOf([])).toEqual([]);
    });

    it('go with it, and are not remembered of one that is gone', async () => {
      const { stores } = await open();
      const { id } = await connect(stores, newFlow('f'));
      await stores.connectionLists.used(id, 'cards', NOW);
      await stores.connections.remove(id, 'revoked');
      await stores.connectionLists.used('never-was' as ConnectionId, 'cards', NOW);
      expect(await stores.connectionLists.usesOf([id, 'never-was' as ConnectionId])).toEqual([]);
      expect((await stores.connectionLists.everythingOf(ada)).uses).toEqual([]);
    });
  });
};
