import { describe, expect, it } from 'vitest';
import type { ConnectionId } from '../../../src/domain/connection.js';
import type { Flow } from '../../../src/domain/flow.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { ada, aside, bob, connect, flowTo, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const made = (flow: Flow, name = flow.id) => ({
  id: `connection-of-${name}` as ConnectionId,
  flow,
  tokens: tokenSet(name),
  account: null,
  scopes: ['read'],
  now: NOW,
  ...aside(name),
});

/** How a Connection comes to be and how it ends. */
export const connectionContract = (open: OpenTwoProcesses): void => {
  describe('a Connection', () => {
    it('exists only after its flow was accepted', async () => {
      const { stores } = await open();
      const pending = await flowTo(stores).pending(newFlow('f'));
      expect(await stores.connections.activate(made(pending))).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toBeNull();
      const accepted = await stores.flows.accept('f', 'nonce-of-f', NOW);
      const connection = await stores.connections.activate(made(accepted as Flow));
      expect(connection).toMatchObject({ viewer: ada, provider: 'mingle', status: 'active', generation: 1 });
      expect(await stores.connections.find(ada, 'mingle')).toEqual(connection);
      expect(await stores.connections.find(bob, 'mingle')).toBeNull();
    });

    it('has the facts that its flow was accepted with, and others by a change that ends what was shown', async () => {
      const { stores, others } = await open();
      const site = (value: string) => ({
        cloud: { value, label: `Site ${value}`, among: [{ value, label: null }] },
      });
      const pending = await flowTo(stores).pending(newFlow('f'));
      expect(await stores.flows.chooseFacts('f', 'another-nonce', site('a'))).toBeNull();
      expect(await stores.flows.chooseFacts('f', 'nonce-of-f', site('a'))).toMatchObject({
        facts: site('a'),
      });
      expect(pending.facts).toEqual({});
      const accepted = (await stores.flows.accept('f', 'nonce-of-f', NOW)) as Flow;
      expect(await stores.flows.chooseFacts('f', 'nonce-of-f', site('b'))).toBeNull();
      const connection = await stores.connections.activate(made(accepted));
      if (connection === null) throw new Error('none was made');
      expect(connection.facts).toEqual(site('a'));
      const changed = await stores.connections.chooseFacts(connection, site('b'));
      expect(changed).toMatchObject({ facts: site('b'), generation: 2, version: connection.version });
      // Who changes what was read before someone else changed it has not seen what it is now.
      expect(await others.connections.chooseFacts(connection, site('c'))).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toEqual(changed);
      expect(revealed(await stores.connections.tokens(changed ?? connection))).toEqual(
        revealed(tokenSet('f')),
      );
    });

    it('is not made by an expired flow', async () => {
      const { stores } = await open();
      const flow = await flowTo(stores).accepted(newFlow('f'));
      expect(await stores.connections.activate({ ...made(flow), now: flow.expiresAt })).toBeNull();
    });

    it('is made once by twenty frames that find the flow accepted, and all of them get it', async () => {
      const both = await open();
      const flow = await flowTo(both.stores).accepted(newFlow('f'));
      const results = await race(both, (stores, n) =>
        stores.connections.activate({ ...made(flow), id: `c${n}` as ConnectionId }),
      );
      expect(new Set(results.map((each) => `${each?.id} ${each?.generation}`)).size).toBe(1);
      expect(results[0]).not.toBeNull();
    });

    it('keeps its id and moves on generation and version when a newer flow replaces it', async () => {
      const { stores } = await open();
      const older = await connect(stores, newFlow('f1'));
      const newer = await connect(stores, newFlow('f2', { startedAt: NOW + 5 }), { account: 'ada-l' });
      expect(newer).toMatchObject({ id: older.id, generation: 2, account: { id: 'ada-l', label: '@ada-l' } });
      expect(newer.version).toBeGreaterThan(older.version);
      expect(await stores.connections.tokens(older)).toBeNull();
      expect(revealed(await stores.connections.tokens(newer))).toEqual(revealed(tokenSet('f2')));
    });

    it('is not replaced by a flow started before the one that made it, however late that is accepted', async () => {
      const { stores } = await open();
      const late = await flowTo(stores).accepted(newFlow('late', { startedAt: NOW - 1 }));
      const newer = await connect(stores, newFlow('newer'));
      expect(await stores.connections.activate(made(late))).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toEqual(newer);
    });

    it('is not brought back by an older flow after the newer Connection was removed', async () => {
      const { stores } = await open();
      const late = await flowTo(stores).accepted(newFlow('late', { startedAt: NOW - 1 }));
      const newer = await connect(stores, newFlow('newer'));
      await stores.flows.end('newer', ['accepted'], 'active', null);
      await stores.connections.retire(newer, NOW);
      await stores.connections.remove(newer.id, 'revoked');
      expect(await stores.connections.activate(made(late))).toBeNull();
    });

    it('is the newest flow’s, in whatever order twenty are activated at once', async () => {
      const both = await open();
      const flows = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          flowTo(both.stores).accepted(newFlow(`f${n}`, { startedAt: NOW + n })),
        ),
      );
      const shuffled = flows.map((_, n) => flows[(n * 7) % 20] as Flow);
      await race(both, (stores, n) => stores.connections.activate(made(shuffled[n] as Flow)));
      const [connection, ...more] = await both.stores.connections.ofViewer(ada);
      expect(connection?.flow).toBe('f19');
      expect(more).toEqual([]);
      expect(revealed(await both.stores.connections.tokens(connection as never))).toEqual(
        revealed(tokenSet('f19')),
      );
    });

    it('is not used any more once it is retired, and a new one can be made beside it', async () => {
      const { stores } = await open();
      const old = await connect(stores, newFlow('f1'));
      const retired = await stores.connections.retire(old, NOW + 1);
      expect(retired).toMatchObject({ id: old.id, status: 'revoking', generation: 2 });
      expect(await stores.connections.retire(old, NOW + 1)).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toBeNull();
      expect(revealed(await stores.connections.tokens(retired as never))).toEqual(revealed(tokenSet('f1')));
      const fresh = await connect(stores, newFlow('f2', { startedAt: NOW + 2 }));
      expect(fresh.id).not.toBe(old.id);
      expect((await stores.connections.due(NOW, 9)).map((each) => each.id)).toEqual([old.id]);
      await stores.connections.remove(old.id, 'revoked');
      expect(await stores.connections.byId(old.id)).toBeNull();
      expect(await stores.connections.find(ada, 'mingle')).toEqual(fresh);
    });

    it('is not made again by its flow after the viewer disconnected it', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      await stores.connections.retire(connection, NOW);
      const flow = await stores.flows.byId('f');
      expect(flow?.status).toBe('accepted');
      expect(await stores.connections.activate(made(flow as Flow, 'again'))).toBeNull();
    });

    it('is kept apart for subs that a delimiter, NUL or broken Unicode could confuse', async () => {
      const { stores } = await open();
      const viewers = [viewerOf('a', 'b"c'), viewerOf('a","b', 'c'), viewerOf('a', '\u0000')];
      viewers.push(viewerOf('a', '\ud800'), viewerOf('a', '\ud801'), viewerOf('a', '\ufffd'));
      for (const [n, viewer] of viewers.entries()) await connect(stores, newFlow(`f${n}`, { viewer }));
      const found = await Promise.all(viewers.map((viewer) => stores.connections.find(viewer, 'mingle')));
      expect(found.map((each) => each?.viewer)).toEqual(viewers);
      expect(new Set(found.map((each) => each?.id)).size).toBe(viewers.length);
    });

    it('counts as unused from its last use on', async () => {
      const { stores } = await open();
      const connection = await connect(stores, newFlow('f'));
      expect(await stores.connections.unusedSince(NOW, 9)).toEqual([]);
      expect(await stores.connections.unusedSince(NOW + 1, 9)).toEqual([connection]);
      await stores.connections.touch(connection.id, NOW + 5);
      expect(await stores.connections.unusedSince(NOW + 5, 9)).toEqual([]);
      expect((await stores.connections.find(ada, 'mingle'))?.lastUsedAt).toBe(NOW + 5);
    });
  });
};
