import { describe, expect, it } from 'vitest';
import type { ConnectionId } from '../../../src/domain/connection.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { connect, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const company = viewerOf('gocd', '');
const granted = (name: string, now = NOW) => ({
  ...{ id: `company-${name}` as ConnectionId, viewer: company, provider: 'mingle', clientId: 'client-1' },
  ...{ tokens: tokenSet(name), scopes: ['read'], now },
});

/** Connections that a company holds, without a consent of anyone. */
export const companyContract = (open: OpenTwoProcesses): void => {
  describe('a company’s access', () => {
    it('is made without a flow, and its tokens open', async () => {
      const { stores, others } = await open();
      const made = await stores.connections.grant(granted('one'));
      expect(made).toMatchObject({
        ...{ id: 'company-one', viewer: company, provider: 'mingle', clientId: 'client-1', account: null },
        ...{ status: 'active', generation: 1, scopes: ['read'], facts: {}, lastUsedAt: NOW },
      });
      expect(await others.connections.latest(company, 'mingle')).toEqual(made);
      expect(revealed(await others.connections.tokens(made))).toEqual(revealed(tokenSet('one')));
    });

    it('is made once by twenty that ask, and each gets the tokens of that one', async () => {
      const both = await open();
      const made = await race(both, (stores, n) => stores.connections.grant(granted(`${n}`)));
      const ids = new Set(made.map(({ id }) => id));
      expect(ids.size).toBe(1);
      const [id = ''] = ids;
      const name = id.replace('company-', '');
      for (const each of made)
        expect(revealed(await both.others.connections.tokens(each))).toEqual(revealed(tokenSet(name)));
      expect(await both.stores.connections.ofCompanies()).toHaveLength(1);
    });

    it('stays what it is while it is active, and starts again once it has ended', async () => {
      const both = await open();
      const { connections } = both.stores;
      const first = await connections.grant(granted('one'));
      expect(await connections.grant(granted('two', NOW + 1))).toEqual(first);
      expect(await connections.expire(first, 'expired')).toBe(true);
      const again = await race(both, (stores, n) => stores.connections.grant(granted(`again-${n}`, NOW + 2)));
      expect(new Set(again.map(({ version, flow }) => `${version} ${flow}`)).size).toBe(1);
      expect(again[0]).toMatchObject({ id: first.id, generation: 2, status: 'active', reason: null });
      const [latest = first] = again;
      const name = latest.flow.replace('company-', '');
      expect(revealed(await connections.tokens(latest))).toEqual(revealed(tokenSet(name)));
    });

    it('is refreshed as any Connection is', async () => {
      const { stores } = await open();
      const made = await stores.connections.grant(granted('one'));
      expect(await stores.connections.claim(made, 'owner', NOW, NOW + 1000)).toBe(true);
      const refreshed = await stores.connections.replace(made, tokenSet('next'), NOW + 1);
      expect(refreshed).toMatchObject({ id: made.id, status: 'active' });
      expect(refreshed && revealed(await stores.connections.tokens(refreshed))).toEqual(
        revealed(tokenSet('next')),
      );
    });

    it('is found among all Connections by no one’s name, however others are called', async () => {
      const { stores } = await open();
      const subs = ['ada', '"', '""', ',""', '",""', '\\', ',""]', '%,""]', ' ', '\u0000'];
      for (const [n, sub] of subs.entries())
        await connect(stores, newFlow(`f${n}`, { viewer: viewerOf('gocd', sub) }));
      expect(await stores.connections.ofCompanies()).toEqual([]);
      const one = await stores.connections.grant(granted('one'));
      const elsewhere = { ...granted('two'), viewer: viewerOf('wiki', '') };
      const two = await stores.connections.grant(elsewhere);
      const found = await stores.connections.ofCompanies();
      expect(found.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
      // One that is on its way out is none any more.
      expect(await stores.connections.retire(one, NOW + 1)).not.toBeNull();
      expect((await stores.connections.ofCompanies()).map(({ id }) => id)).toEqual([two.id]);
    });
  });
};
