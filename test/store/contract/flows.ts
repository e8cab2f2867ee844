import { describe, expect, it } from 'vitest';
import { FLOW_LIFE, type Flow, TICKET_LIFE } from '../../../src/domain/flow.js';
import { Secret } from '../../../src/domain/secret.js';
import { ada, bob, flowTo, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const trade = { ticketHash: 'ticket-of-f', modes: ['opener'], nonceHash: 'nonce-of-f', now: NOW } as const;
const redirection = {
  id: 'f',
  nonceHash: 'nonce-of-f',
  from: 'opened',
  stateHash: 'state-of-f',
  verifier: new Secret('verifier'),
  redirectUri: 'https://oriel.test/connect/callback/mingle?x=1',
  now: NOW,
} as const;
const account = { id: '7\u0000', label: 'Ada \ud800' };

/** The steps of a consent, each taken once, in order and in time. */
export const flowContract = (open: OpenTwoProcesses): void => {
  describe('a flow', () => {
    it('is kept as it was started', async () => {
      const { stores } = await open();
      const { ticketHash, ticketExpiresAt, ...started } = newFlow('f', {
        further: ['wiki'],
        after: 'github',
      });
      await stores.flows.create(newFlow('f', { further: ['wiki'], after: 'github' }));
      await stores.flows.create(newFlow('alone'));
      expect(await stores.flows.byId('alone')).toMatchObject({ further: [], after: null });
      const empty = {
        redirectUri: null,
        nonceHash: null,
        vouchedFor: null,
        account: null,
        code: null,
        declined: null,
        failure: null,
        facts: {},
      };
      expect(await stores.flows.byId('f')).toEqual({ ...started, ...empty, status: 'started' });
      expect(await stores.flows.byId('g')).toBeNull();
    });

    it('is opened by its ticket for one of twenty browsers', async () => {
      const both = await open();
      await both.stores.flows.create(newFlow('f'));
      const opened = await race(both, (stores, n) => stores.flows.open({ ...trade, nonceHash: `nonce${n}` }));
      const winners = opened.filter((flow) => flow !== null);
      expect(winners).toHaveLength(1);
      expect((await both.stores.flows.byId('f'))?.nonceHash).toBe(winners[0]?.nonceHash);
    });

    it('is not opened by another ticket, in another mode, or too late', async () => {
      const { stores } = await open();
      await stores.flows.create(newFlow('f'));
      expect(await stores.flows.open({ ...trade, ticketHash: 'another' })).toBeNull();
      expect(await stores.flows.open({ ...trade, modes: ['reauth', 'code'] })).toBeNull();
      expect(await stores.flows.open({ ...trade, now: NOW + TICKET_LIFE })).toBeNull();
      expect(await stores.flows.open(trade)).toMatchObject({ status: 'opened' });
    });

    it('goes to the provider from the browser that opened it, and is found by its state', async () => {
      const { stores } = await open();
      await flowTo(stores).opened(newFlow('f'));
      expect(await stores.flows.redirect({ ...redirection, nonceHash: 'another' })).toBeNull();
      expect(await stores.flows.redirect({ ...redirection, from: 'pending' })).toBeNull();
      expect(await stores.flows.redirect({ ...redirection, now: NOW + FLOW_LIFE })).toBeNull();
      const flow = await stores.flows.redirect(redirection);
      expect(flow).toMatchObject({ status: 'redirected', redirectUri: redirection.redirectUri });
      expect(await stores.flows.byState('state-of-f')).toEqual(flow);
      expect(await stores.flows.byState('state-of-g')).toBeNull();
      expect(await stores.flows.redirected('mingle', ['x', 'nonce-of-f'], NOW)).toEqual([flow]);
      expect(await stores.flows.redirected('gocd', ['nonce-of-f'], NOW)).toEqual([]);
      expect(await stores.flows.redirected('mingle', ['x'], NOW)).toEqual([]);
      expect(await stores.flows.redirected('mingle', [], NOW)).toEqual([]);
      expect(await stores.flows.redirected('mingle', ['nonce-of-f'], NOW + FLOW_LIFE)).toEqual([]);
    });

    it('comes back once of twenty times, with its verifier', async () => {
      const both = await open();
      await flowTo(both.stores).redirected(newFlow('f'));
      const results = await race(both, (stores) => stores.flows.giveBack('f', NOW));
      const back = results.filter((each) => each !== null);
      expect(back).toHaveLength(1);
      expect(back[0]?.verifier?.reveal()).toBe('verifier');
      expect(back[0]?.flow.status).toBe('returned');
    });

    it('comes back without a verifier where the provider does without, and not when its time is over', async () => {
      const { stores } = await open();
      await flowTo(stores).redirected(newFlow('f'), null);
      expect(await stores.flows.giveBack('f', NOW + FLOW_LIFE)).toBeNull();
      expect((await stores.flows.giveBack('f', NOW))?.verifier).toBeNull();
    });

    it('holds the tokens and the account until another account is wanted', async () => {
      const { stores } = await open();
      await flowTo(stores).redirected(newFlow('f'));
      expect(await stores.flows.hold('f', tokenSet('t'), account, NOW)).toBeNull();
      await stores.flows.giveBack('f', NOW);
      expect(await stores.flows.hold('f', tokenSet('t'), account, NOW + FLOW_LIFE)).toBeNull();
      const pending = (await stores.flows.hold('f', tokenSet('t', { scopes: [] }), account, NOW)) as Flow;
      expect(pending).toMatchObject({ status: 'pending', account });
      expect(revealed(await stores.flows.tokens(pending))).toEqual(revealed(tokenSet('t', { scopes: [] })));
      const again = { ...redirection, from: 'pending', stateHash: 'second' } as const;
      expect(await stores.flows.redirect(again)).toMatchObject({ status: 'redirected', account: null });
      expect(await stores.flows.tokens(pending)).toBeNull();
      expect(await stores.flows.byState('state-of-f')).toBeNull();
    });

    it('is accepted once, by the browser that opened it, in time', async () => {
      const both = await open();
      const { stores } = both;
      await flowTo(stores).pending(newFlow('f'));
      expect(await stores.flows.accept('f', 'another', NOW)).toBeNull();
      expect(await stores.flows.accept('f', 'nonce-of-f', NOW + FLOW_LIFE)).toBeNull();
      const results = await race(both, (each) => each.flows.accept('f', 'nonce-of-f', NOW));
      expect(results.filter((flow) => flow?.status === 'accepted')).toHaveLength(1);
      expect(results.filter((flow) => flow === null)).toHaveLength(19);
    });

    it('ends from where it is allowed to, says why, and keeps its tokens until they are forgotten', async () => {
      const { stores } = await open();
      const pending = await flowTo(stores).pending(newFlow('f'));
      const failure = { code: 'provider_failed', message: 'NUL \u0000' };
      expect(await stores.flows.end('f', ['started', 'opened'], 'failed', failure)).toBeNull();
      expect(await stores.flows.end('f', [], 'failed', failure)).toBeNull();
      expect(await stores.flows.end('f', ['opened', 'pending'], 'failed', failure)).toEqual({
        ...pending,
        status: 'failed',
        failure,
      });
      expect(await stores.flows.accept('f', 'nonce-of-f', NOW)).toBeNull();
      expect(await stores.flows.tokens(pending)).not.toBeNull();
      await stores.flows.forget('f');
      expect(await stores.flows.tokens(pending)).toBeNull();
    });

    it('is cancelled or accepted, never both', async () => {
      const both = await open();
      await flowTo(both.stores).pending(newFlow('f'));
      const results = await race(both, (stores, n) =>
        n % 3 === 0
          ? stores.flows.end('f', ['pending'], 'cancelled', null)
          : stores.flows.accept('f', 'nonce-of-f', NOW),
      );
      expect(results.filter((each) => each !== null)).toHaveLength(1);
    });

    it('is pending for its own viewer while it can still be finished, newest first', async () => {
      const { stores } = await open();
      await stores.flows.create(newFlow('f1'));
      await stores.flows.create(newFlow('f2', { startedAt: NOW + 1 }));
      await stores.flows.create(newFlow('f3', { viewer: bob }));
      await stores.flows.create(newFlow('f4'));
      await stores.flows.end('f4', ['started'], 'cancelled', null);
      expect((await stores.flows.pending(ada, NOW)).map((flow) => flow.id)).toEqual(['f2', 'f1']);
      expect(await stores.flows.pending(ada, NOW + FLOW_LIFE)).toEqual([]);
    });

    it('is cleared away after its time: first what must be revoked or ended, then the rest', async () => {
      const { stores } = await open();
      await stores.flows.create(newFlow('never-ended'));
      await flowTo(stores).pending(newFlow('holding'));
      await stores.flows.end('holding', ['pending'], 'cancelled', null);
      await stores.flows.create(newFlow('done'));
      await stores.flows.end('done', ['started'], 'active', null);
      expect(await stores.flows.expired(NOW + FLOW_LIFE - 1, 9)).toEqual([]);
      const expired = await stores.flows.expired(NOW + FLOW_LIFE, 9);
      expect(expired.map((flow) => flow.id).sort()).toEqual(['holding', 'never-ended']);
      expect(await stores.flows.expired(NOW + FLOW_LIFE, 1)).toHaveLength(1);
      await stores.flows.sweep(NOW + FLOW_LIFE);
      expect(await stores.flows.byId('done')).toBeNull();
      expect(await stores.flows.byId('holding')).not.toBeNull();
      await stores.flows.remove('holding');
      expect(await stores.flows.byId('holding')).toBeNull();
    });
  });
};
