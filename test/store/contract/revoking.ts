import { describe, expect, it } from 'vitest';
import type { Connection, ConnectionId } from '../../../src/domain/connection.js';
import type { RevocationLease } from '../../../src/store/connections/revocation-queries.js';
import type { Stores } from '../../../src/store/stores.js';
import { ada, aside, bob, connect, flowTo, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const MINUTE = 60_000;

const idsOf = (connections: readonly Connection[]): readonly string[] => connections.map(({ id }) => id);

/** Tokens of `flow` that are no longer needed. */
const keep = (stores: Stores, flow: string, lease: RevocationLease | null): Promise<Connection> =>
  stores.connections.keep({
    ...{ id: `kept-of-${flow}` as ConnectionId, viewer: ada, provider: 'mingle', clientId: 'client-1' },
    ...{ account: { id: 'acc', label: '@acc' }, scopes: ['read'], tokens: tokenSet(flow) },
    ...{ isRefreshed: false, createdAt: NOW - 1, now: NOW, lease },
  });

/** Connections being ended: which process asks the provider next. */
export const revokingContract = (open: OpenTwoProcesses): void => {
  describe('a Connection that is being revoked', () => {
    it('is due once the server that retired it has had its time to ask, and then given to one of twenty', async () => {
      const both = await open();
      const { connections } = both.stores;
      const connection = await connect(both.stores, newFlow('f'));
      const retired = await connections.retire(connection, NOW, { holder: 'retirer', until: NOW + MINUTE });
      expect(retired).toMatchObject({ leaseOwner: 'retirer', leaseUntil: NOW + MINUTE });
      expect(await connections.due(NOW + MINUTE - 1, 9)).toEqual([]);
      const [due] = await connections.due(NOW + MINUTE, 9);
      if (!due) throw new Error('nothing is due');
      const until = NOW + 2 * MINUTE;
      const taken = await race(both, (stores, n) =>
        stores.connections.takeDue(due, { holder: `taker ${n}`, until, over: 'retirer' }),
      );
      const [taker, ...more] = taken.filter((each) => each !== null);
      expect(more).toEqual([]);
      expect(taker).toMatchObject({ id: connection.id, leaseUntil: until });
      expect(await connections.byId(connection.id)).toEqual(taker);
      expect(await connections.due(until - 1, 9)).toEqual([]);
    });

    it('is left to the server that holds its lease, whatever time it is, until it gives it back or the lease is over', async () => {
      const { stores } = await open();
      const { connections } = stores;
      const connection = await connect(stores, newFlow('f'));
      await connections.retire(connection, NOW, { holder: 'retirer', until: NOW + MINUTE });
      const dueAt = async (now: number): Promise<Connection> => {
        const [due] = await connections.due(now, 9);
        if (!due) throw new Error('nothing is due');
        return due;
      };
      const later = NOW + 30 * MINUTE;
      const lease = { holder: 'taker', until: later + MINUTE };
      expect(await connections.takeDue(await dueAt(later), lease)).toBeNull();
      await connections.postponeDue(await dueAt(later), later + 1);
      expect(await connections.due(later, 9)).toEqual([]);
      expect(await connections.takeDue(await dueAt(later + 1), { ...lease, over: 'another' })).toBeNull();
      await connections.leaveDue(connection.id, 'another', later + 2);
      expect((await dueAt(later + 1)).leaseOwner).toBe('retirer');
      await connections.leaveDue(connection.id, 'retirer', later + 2);
      expect(await connections.due(later + 1, 9)).toEqual([]);
      const due = await dueAt(later + 2);
      expect(await connections.takeDue(due, lease)).toMatchObject({ leaseOwner: 'taker' });
      await connections.leaveDue(connection.id, 'taker', later + 3);
      // What was found before someone else asked says nothing of what is due now.
      expect(await connections.takeDue(due, lease)).toBeNull();
    });

    it('is the one’s who refreshes it when it is retired, unless their lease is over', async () => {
      const { stores } = await open();
      const { connections } = stores;
      const one = await connect(stores, newFlow('f'));
      const other = await connect(stores, newFlow('g', { viewer: bob }));
      for (const each of [one, other]) await connections.claim(each, 'refresher', NOW, NOW + MINUTE);
      const lease = { holder: 'retirer', until: NOW + MINUTE };
      expect(await connections.retire(one, NOW, lease)).toMatchObject({ leaseOwner: 'refresher' });
      const over = 'refresher';
      expect(await connections.retire(other, NOW, { ...lease, over })).toMatchObject({
        leaseOwner: 'retirer',
      });
    });

    it('is due too where it was to wait for longer than anything does: the clock has been set back since', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      await stores.connections.retire(connection, NOW, { holder: 'retirer', until: NOW + 61 * MINUTE });
      expect(idsOf(await stores.connections.due(NOW, 9))).toEqual([connection.id]);
      expect(await stores.connections.due(NOW + 2 * MINUTE, 9)).toEqual([]);
    });

    it('is refreshed before it is revoked: the intent is noted, and what the refresh gave is kept', async () => {
      const { stores } = await open();
      const { connections } = stores;
      const active = await connect(stores, newFlow('f'));
      await connections.intendRefresh(active, NOW + 1);
      expect((await connections.byId(active.id))?.refreshIntentAt).toBeNull();
      expect(await connections.replaceRetired(active, tokenSet('new'))).toBeNull();
      const retired = await connections.retire(active, NOW);
      if (retired === null) throw new Error('not retired');
      await connections.intendRefresh(retired, NOW + 2);
      await connections.intendRefresh(retired, NOW + 3);
      expect((await connections.byId(active.id))?.refreshIntentAt).toBe(NOW + 2);
      const replaced = await connections.replaceRetired(retired, tokenSet('new'));
      expect(replaced).toMatchObject({ version: retired.version + 1, refreshIntentAt: null });
      expect(revealed(replaced && (await connections.tokens(replaced)))).toEqual(revealed(tokenSet('new')));
      expect(await connections.replaceRetired(retired, tokenSet('again'))).toBeNull();
    });

    it('remembers a refresh whose outcome was not known when it was retired', async () => {
      const { stores } = await open();
      const active = await connect(stores, newFlow('f'));
      await stores.connections.claim(active, 'somebody', NOW, NOW + MINUTE);
      expect(await stores.connections.retire(active, NOW + 1)).toMatchObject({ refreshIntentAt: NOW });
    });

    it('has other viewers’ active Connections of the same account and client beside it, or has not', async () => {
      const { stores } = await open();
      const kept = await keep(stores, 'f', null);
      const others = async (given: Partial<Connection> = {}) =>
        idsOf(await stores.connections.othersOfAccount({ ...kept, ...given }));
      await connect(stores, newFlow('own'), { account: 'acc' });
      expect(await others()).toEqual([]);
      const other = await connect(stores, newFlow('g', { viewer: bob }), { account: 'acc' });
      expect(await others()).toEqual([other.id]);
      expect(await others({ account: null })).toEqual([]);
      expect(await others({ account: { id: 'x', label: '' } })).toEqual([]);
      expect(await others({ clientId: 'client-2' })).toEqual([]);
      await stores.connections.expire(other, 'expired');
      expect(await others()).toEqual([]);
    });

    it('is what a flow held when another account is asked for, both or neither', async () => {
      const both = await open();
      const { flows, connections } = both.stores;
      const flow = await flowTo(both.stores).pending(newFlow('f'));
      const tokens = await flows.tokens(flow);
      if (tokens === null) throw new Error('nothing is held');
      const leave = (stores: Stores, id: string) =>
        stores.flows.redirect({
          ...{ id: flow.id, nonceHash: flow.nonceHash ?? '', from: 'pending', stateHash: `state-${id}` },
          ...{ verifier: null, redirectUri: 'https://oriel.example/cb', now: NOW + 1 },
          unwanted: {
            ...{ id: id as ConnectionId, viewer: flow.viewer, provider: flow.provider, clientId: 'client-1' },
            ...{
              account: null,
              scopes: [],
              tokens,
              isRefreshed: false,
              createdAt: NOW,
              now: NOW,
              lease: null,
            },
          },
        });
      const gone = await race(both, (stores, n) => leave(stores, `kept-${n}`));
      expect(gone.filter((each) => each !== null)).toHaveLength(1);
      const [kept, ...more] = await connections.due(NOW + 1, 9);
      expect(more).toEqual([]);
      expect(revealed(kept ? await connections.tokens(kept) : null)).toEqual(revealed(tokens));
      expect(await flows.tokens(flow)).toBeNull();
    });

    it('is due at once when no process said it would ask, before what is due since later', async () => {
      const { stores } = await open();
      const second = await connect(stores, newFlow('a', { provider: 'github' }));
      const first = await connect(stores, newFlow('b'));
      await connect(stores, newFlow('live', { provider: 'gitlab' }));
      await stores.connections.retire(second, NOW, { holder: 'one', until: NOW + 1 });
      await stores.connections.retire(first, NOW);
      expect(idsOf(await stores.connections.due(NOW + 1, 9))).toEqual([first.id, second.id]);
      expect(idsOf(await stores.connections.due(NOW + 1, 1))).toEqual([first.id]);
    });
  });

  describe('unwanted tokens', () => {
    it('are kept to be taken back and for nothing else, and do not keep their flow from connecting', async () => {
      const { stores } = await open();
      const flow = await flowTo(stores).accepted(newFlow('f'));
      const kept = await keep(stores, 'f', { holder: 'keeper', until: NOW + MINUTE });
      expect(kept).toMatchObject({ status: 'revoking', createdAt: NOW - 1, lastUsedAt: NOW });
      expect(revealed(await stores.connections.tokens(kept))).toEqual(revealed(tokenSet('f')));
      expect(await stores.connections.find(ada, 'mingle')).toBeNull();
      expect(await stores.connections.due(NOW, 9)).toEqual([]);
      expect(await stores.connections.due(NOW + MINUTE, 9)).toEqual([kept]);
      const made = { id: 'made' as ConnectionId, flow, tokens: tokenSet('f'), account: null, scopes: [] };
      expect(await stores.connections.activate({ ...made, ...aside('f'), now: NOW })).toMatchObject({
        status: 'active',
      });
    });

    it('are those of another account that was replaced, set aside with the replacement or not at all', async () => {
      const { stores } = await open();
      await connect(stores, newFlow('f1'), { account: 'ada' });
      await connect(stores, newFlow('f2', { startedAt: NOW + 1 }), { account: 'ada' });
      expect(await stores.connections.due(NOW, 9)).toEqual([]);
      await connect(stores, newFlow('f3', { startedAt: NOW + 2 }), { account: 'eve' });
      const [replaced, ...more] = await stores.connections.due(NOW, 9);
      expect(replaced).toMatchObject({
        id: aside('f3').replacedAs,
        account: { id: 'ada' },
        status: 'revoking',
      });
      expect(more).toEqual([]);
      expect(revealed(await stores.connections.tokens(replaced as Connection))).toEqual(
        revealed(tokenSet('f2')),
      );
      const late = await flowTo(stores).accepted(newFlow('late', { startedAt: NOW }));
      const made = { id: 'late' as ConnectionId, flow: late, tokens: tokenSet('late'), scopes: [], now: NOW };
      const account = { id: 'bo', label: '@bo' };
      expect(await stores.connections.activate({ ...made, account, ...aside('late') })).toBeNull();
      expect(await stores.connections.due(NOW, 9)).toEqual([replaced]);
    });
  });
};
