import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
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
  tokenSet,
} from '../fixtures.js';
import type { OpenTwoProcesses } from './two-processes.js';

/** Something of everything that is kept of a viewer, with secrets that can be recognised. */
const settle = async (stores: Stores, name: string, viewer = viewerOf('gocd', name)): Promise<void> => {
  const flow = newFlow(`done-${name}`, { viewer });
  const connection = await connect(stores, flow, {
    account: `acc-${name}`,
    tokens: tokenSet(`canary-${name}`),
  });
  await stores.flows.end(flow.id, ['accepted'], 'active', null);
  await stores.flows.forget(flow.id);
  await stores.connectionLists.used(connection.id, 'cards', NOW);
  await flowTo(stores).redirected(
    newFlow(`open-${name}`, { viewer, provider: 'github' }),
    new Secret('canary'),
  );
  await flowTo(stores).pending(
    newFlow(`held-${name}`, { viewer, provider: 'wiki' }),
    tokenSet(`canary-2-${name}`),
  );
  await stores.viewerChoices.put({
    ...{ viewer, gadget: 'mingle-cards', parameter: 'sort', value: 'Name ASC', now: NOW },
  });
  await stores.tickets.put(newTicket(`canary-ticket-${name}`, { viewer, name, expiresAt: NOW + 1000 }));
  await stores.frameSessions.launch(
    newFrameSession(frameSession(`s-${name}`, { viewer }), `canary-jti-${name}`),
  );
};

/** What a viewer may take along and what they may have forgotten. */
export const belongingsContract = (open: OpenTwoProcesses): void => {
  describe('what is kept of a viewer', () => {
    it('is all there in an export, and no one else’s', async () => {
      const { stores } = await open();
      await settle(stores, 'ada');
      await settle(stores, 'bob');
      const all = await stores.connectionLists.everythingOf(ada);
      expect(all).toMatchObject({
        connections: [{ provider: 'mingle', accountLabel: '@acc-ada', scopes: 'read', status: 'active' }],
        uses: [{ provider: 'mingle', gadget: 'cards', lastUsedAt: NOW }],
        choices: [{ gadget: 'mingle-cards', parameter: 'sort', value: 'Name ASC', chosenAt: NOW }],
        tickets: [{ name: 'ada', expiresAt: NOW + 1000 }],
        frameSessions: [{ gadget: 'mingle-cards', email: 'ada@example.com', timeZone: 'Europe/London' }],
      });
      expect(all.flows?.map(({ provider }) => provider).sort()).toEqual(['github', 'mingle', 'wiki']);
      expect(JSON.stringify(all)).not.toContain('bob');
    });

    it('is exported without a token, a hash, a verifier or a sealed value', async () => {
      const { stores } = await open();
      await settle(stores, 'ada');
      const text = JSON.stringify(await stores.connectionLists.everythingOf(ada));
      expect(text).not.toMatch(/canary|bearer-of|nonce-of|state-of|ticket-of|k:|verifier/);
    });

    it('is nothing of a viewer who never was here', async () => {
      const { stores } = await open();
      await settle(stores, 'ada');
      const all = await stores.connectionLists.everythingOf(viewerOf('gocd', 'nobody'));
      expect(Object.values(all).flat()).toEqual([]);
    });
  });

  describe('an erased viewer', () => {
    it('leaves nothing but Connections and consents whose tokens must still be revoked, and no one else loses anything', async () => {
      const { stores } = await open();
      await settle(stores, 'ada');
      await settle(stores, 'bob');
      const others = await stores.connectionLists.everythingOf(bob);
      await stores.connectionLists.erase(ada);
      const { connections, flows, ...rest } = await stores.connectionLists.everythingOf(ada);
      expect(connections).toHaveLength(1);
      expect(Object.values(rest).flat()).toEqual([]);
      expect(flows).toMatchObject([
        { provider: 'wiki', name: null, accountLabel: null, status: 'cancelled' },
      ]);
      expect(await stores.connectionLists.everythingOf(bob)).toEqual(others);
    });

    it('cannot be connected any more by a consent that was under way, and its tokens are there to be revoked', async () => {
      const { stores } = await open();
      await settle(stores, 'ada');
      await stores.connectionLists.erase(ada);
      expect(await stores.flows.accept('held-ada', 'nonce-of-held-ada', NOW)).toBeNull();
      const later = NOW + 11 * 60_000;
      const [expired, ...others] = await stores.flows.expired(later, 10);
      expect(others).toEqual([]);
      expect(expired && (await stores.flows.tokens(expired))?.accessToken.reveal()).toBe(
        'access-canary-2-ada',
      );
    });

    it('has no frame session any more, and the host’s token that made it stays used', async () => {
      const { stores, others } = await open();
      await settle(stores, 'ada');
      await stores.connectionLists.erase(ada);
      expect(await others.frameSessions.byBearer('bearer-of-s-ada')).toBeNull();
      const again = newFrameSession(frameSession('s2'), 'canary-jti-ada');
      expect(await stores.frameSessions.launch(again)).toBe('replayed');
      await stores.frameSessions.sweep(NOW + 150_001);
      expect(await stores.frameSessions.launch(again)).toBe('launched');
    });
  });
};
