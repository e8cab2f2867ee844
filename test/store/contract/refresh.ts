import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../src/domain/connection.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { ada, bob, connect, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const LEASE = 30_000;

/** How a Connection's tokens are replaced by one refresher, and how it is ended. */
export const refreshContract = (open: OpenTwoProcesses): void => {
  describe('a refresh', () => {
    it('is started by one of twenty who claim it', async () => {
      const both = await open();
      const connection = await connect(both.stores, newFlow('f'));
      const won = await race(both, (stores, n) =>
        stores.connections.claim(connection, `owner${n}`, NOW, NOW + LEASE),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('replaces the tokens, moves the version on and ends the lease', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      await stores.connections.claim(connection, 'me', NOW, NOW + LEASE);
      const tokens = tokenSet('next', { expiresAt: null, refreshToken: null, scopes: ['read', 'write'] });
      const next = await stores.connections.replace(connection, tokens, NOW + 1);
      expect(next).toMatchObject({
        generation: 1,
        version: connection.version + 1,
        scopes: ['read', 'write'],
        expiresAt: null,
        leaseUntil: null,
        refreshIntentAt: null,
      });
      expect(revealed(await stores.connections.tokens(next as Connection))).toEqual(revealed(tokens));
      expect(await stores.connections.tokens(connection)).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toEqual(next);
      expect(await stores.connections.claim(connection, 'me', NOW, NOW + LEASE)).toBe(false);
    });

    it('can be claimed by another when the lease is over; the first that is granted tokens saves them', async () => {
      const { stores, others } = await open();
      const connection = await connect(stores, newFlow('f'));
      const { connections } = stores;
      expect(await connections.claim(connection, 'me', NOW, NOW + LEASE)).toBe(true);
      // Whatever a clock says.
      expect(await others.connections.claim(connection, 'you', NOW + LEASE, NOW + 2 * LEASE)).toBe(false);
      const claimed = (await others.connections.byId(connection.id)) as Connection;
      expect(await others.connections.claim(claimed, 'you', NOW, NOW + LEASE, 'me')).toBe(true);
      const saved = await connections.replace(connection, tokenSet('mine'), NOW);
      expect(saved).toMatchObject({ leaseUntil: null, leaseOwner: null });
      expect(await others.connections.replace(connection, tokenSet('yours'), NOW)).toBeNull();
      expect(revealed(await others.connections.tokens(saved as Connection))).toEqual(
        revealed(tokenSet('mine')),
      );
    });

    it('can be claimed at once from an owner that is known to be dead, by one of twenty, and from no other', async () => {
      const both = await open();
      const { connections } = both.stores;
      const connection = await connect(both.stores, newFlow('f'));
      expect(await connections.claim(connection, 'dead', NOW, NOW + LEASE)).toBe(true);
      const left = (await connections.byId(connection.id)) as Connection;
      expect(await connections.claim(left, 'me', NOW + 1, NOW + LEASE, 'another')).toBe(false);
      const won = await race(both, (stores, n) =>
        stores.connections.claim(left, `owner${n}`, NOW + 1, NOW + LEASE, 'dead'),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await connections.byId(connection.id)).toMatchObject({
        leaseUntil: NOW + LEASE,
        refreshIntentAt: NOW,
      });
    });

    it.each(['interrupted', 'expired'] as const)(
      'saves what it was granted although another, with the old tokens, has ended the Connection as %s',
      async (reason) => {
        const { stores, others } = await open();
        const connection = await connect(stores, newFlow('f'));
        await stores.connections.claim(connection, 'me', NOW, NOW + LEASE);
        expect(await others.connections.expire(connection, reason)).toBe(true);
        const saved = await stores.connections.replace(connection, tokenSet('next'), NOW);
        expect(saved).toMatchObject({ status: 'active', reason: null, generation: 1 });
        expect(await others.connections.find(ada, 'mingle')).toMatchObject({ status: 'active' });
      },
    );

    it.each(['revoked', 'more-scopes'] as const)(
      'brings no Connection back that ended as %s',
      async (reason) => {
        const { stores } = await open();
        const connection = await connect(stores, newFlow('f'));
        expect(await stores.connections.expire(connection, reason)).toBe(true);
        expect(await stores.connections.replace(connection, tokenSet('next'), NOW)).toBeNull();
        expect(await stores.connections.find(ada, 'mingle')).toMatchObject({ status: 'reconnect', reason });
      },
    );

    it('brings no Connection back that a newer grant displaced', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      await stores.connections.expire(connection, 'connected-elsewhere');
      expect(await stores.connections.replace(connection, tokenSet('next'), NOW)).toBeNull();
    });

    it('that the viewer’s Disconnect outran brings what is revoked then, and nothing that is used', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      await stores.connections.claim(connection, 'me', NOW, NOW + LEASE);
      const retired = await stores.connections.retire(connection, NOW + 1, {
        holder: 'other',
        until: NOW + LEASE,
      });
      expect(retired).toMatchObject({ status: 'revoking', leaseOwner: 'me', leaseUntil: NOW + LEASE });
      const replaced = await stores.connections.replace(connection, tokenSet('next'), NOW + 2, 'mine');
      expect(replaced).toMatchObject({
        ...{ status: 'revoking', version: connection.version + 1, lastUsedAt: NOW + 1 },
        ...{ leaseOwner: 'mine', leaseUntil: NOW + LEASE, refreshIntentAt: null },
      });
      expect(revealed(replaced && (await stores.connections.tokens(replaced)))).toEqual(
        revealed(tokenSet('next')),
      );
      expect(await stores.connections.replace(connection, tokenSet('late'), NOW + 3)).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toBeNull();
      expect(await stores.connections.claim(retired as Connection, 'me', NOW, NOW + LEASE)).toBe(false);
      expect(await stores.connections.expire(retired as Connection, 'expired')).toBe(false);
    });

    it('that certainly did not happen leaves no trace; one of unknown outcome leaves its intent', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      const { connections } = stores;
      await connections.claim(connection, 'me', NOW, NOW + LEASE);
      expect((await connections.byId(connection.id))?.refreshIntentAt).toBe(NOW);
      await connections.release(connection, 'somebody else');
      expect((await connections.byId(connection.id))?.leaseUntil).toBe(NOW + LEASE);
      await connections.release(connection, 'me');
      expect(await connections.byId(connection.id)).toEqual(connection);
      await connections.claim(connection, 'me', NOW + 1, NOW + LEASE);
      await connections.interrupt(connection, 'me');
      const interrupted = await connections.byId(connection.id);
      expect(interrupted).toMatchObject({ leaseUntil: null, refreshIntentAt: NOW + 1 });
      await connections.claim(interrupted as Connection, 'me', NOW + 2, NOW + LEASE);
      expect(await connections.byId(connection.id)).toMatchObject({
        ...{ leaseOwner: 'me', refreshIntentAt: NOW + 1 },
      });
    });

    it('is not claimed by who has not seen that the answer of another one was lost in between', async () => {
      const { stores, others } = await open();
      const connection = await connect(stores, newFlow('f'));
      expect(await others.connections.claim(connection, 'you', NOW, NOW + LEASE)).toBe(true);
      await others.connections.interrupt(connection, 'you');
      expect(await stores.connections.claim(connection, 'me', NOW + 1, NOW + LEASE)).toBe(false);
      const seen = (await stores.connections.byId(connection.id)) as Connection;
      expect(seen).toMatchObject({ leaseOwner: null, refreshIntentAt: NOW });
      expect(await stores.connections.claim(seen, 'me', NOW + 1, NOW + LEASE)).toBe(true);
    });

    it('that fails for good ends the Connection of that version only, and its tokens are gone', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      await stores.connections.claim(connection, 'me', NOW, NOW + LEASE);
      const next = await stores.connections.replace(connection, tokenSet('next'), NOW);
      expect(await stores.connections.expire(connection, 'revoked')).toBe(false);
      expect(await stores.connections.expire(next as Connection, 'revoked')).toBe(true);
      expect(await stores.connections.find(ada, 'mingle')).toMatchObject({
        status: 'reconnect',
        reason: 'revoked',
      });
      expect(await stores.connections.tokens(next as Connection)).toBeNull();
    });
  });

  describe('that others do well', () => {
    it('is known from another Connection of the same provider and client, refreshed since', async () => {
      const { stores } = await open();
      const { connections } = stores;
      const own = await connect(stores, newFlow('f1'));
      const refreshed = async (given: Parameters<typeof newFlow>[1], id: string): Promise<void> => {
        const other = await connect(stores, newFlow(id, { viewer: bob, ...given }));
        await connections.claim(other, 'me', NOW, NOW + LEASE);
        await connections.replace(other, tokenSet(`${id}-next`), NOW + 10);
      };
      await refreshed({ provider: 'gocd' }, 'f2');
      await refreshed({ viewer: viewerOf('gocd', 'carol'), clientId: 'another' }, 'f3');
      expect(await connections.othersRefreshed(own, NOW)).toBe(false);
      await connections.claim(own, 'me', NOW, NOW + LEASE);
      const next = await connections.replace(own, tokenSet('f1-next'), NOW + 10);
      expect(await connections.othersRefreshed(next as Connection, NOW)).toBe(false);
      await refreshed({}, 'f4');
      expect(await connections.othersRefreshed(own, NOW + 9)).toBe(true);
      expect(await connections.othersRefreshed(own, NOW + 10)).toBe(false);
    });
  });

  describe('a newer grant', () => {
    it('displaces the older Connections of the same provider, client and account, and no others', async () => {
      const { stores } = await open();
      const old = await connect(stores, newFlow('f1'), { account: 'shared' });
      const apart = [
        await connect(stores, newFlow('f2', { viewer: ada, provider: 'gocd' }), { account: 'shared' }),
        await connect(
          stores,
          newFlow('f3', { viewer: { ...ada, id: '["w","c"]' as never }, clientId: 'c2' }),
          {
            account: 'shared',
          },
        ),
      ];
      const tokens = tokenSet('f4', { issuedAt: NOW + 1 });
      const newer = await connect(stores, newFlow('f4', { viewer: bob }), { account: 'shared', tokens });
      expect(await stores.connections.displace(newer)).toEqual([old.id]);
      expect(await stores.connections.find(ada, 'mingle')).toMatchObject({
        status: 'reconnect',
        reason: 'connected-elsewhere',
      });
      for (const { id } of [...apart, newer])
        expect((await stores.connections.byId(id))?.status).toBe('active');
    });

    it('is known from when the code was redeemed, not by when it was accepted', async () => {
      const { stores } = await open();
      const tokens = tokenSet('f1', { issuedAt: NOW + 1 });
      const granted = await connect(stores, newFlow('f1'), { account: 'shared', tokens });
      const late = await connect(stores, newFlow('f2', { viewer: bob }), { account: 'shared', now: NOW + 2 });
      expect(await stores.connections.displace(late)).toEqual([]);
      expect(await stores.connections.hasNewerOfClient(granted)).toBe(false);
      expect(await stores.connections.hasNewerOfClient(late)).toBe(true);
    });

    it('of an unknown account displaces no one', async () => {
      const { stores } = await open();
      await connect(stores, newFlow('f1'));
      const newer = await connect(stores, newFlow('f2', { viewer: bob }));
      expect(await stores.connections.displace(newer)).toEqual([]);
    });
  });
};
