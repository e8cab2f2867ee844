import { describe, expect, it } from 'vitest';
import { FLOW_LIFE } from '../../../src/domain/flow.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { ada, bob, flowTo, NOW, newFlow } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const MINUTE = 60_000;
const asking = { id: 'f', nonceHash: 'nonce-of-f', requestHash: 'request', now: NOW };
const answer = { requestHash: 'request', viewer: ada, now: NOW };
const going = {
  id: 'f',
  nonceHash: 'nonce-of-f',
  from: 'vouched',
  stateHash: 'state',
  verifier: null,
  redirectUri: 'https://oriel.test/cb',
  now: NOW,
} as const;
const offer = {
  id: 'f',
  nonceHash: 'nonce-of-f',
  codeHash: 'code',
  codeExpiresAt: NOW + 5 * MINUTE,
  now: NOW,
};
const limits = { ofFlow: 5, ofViewer: 15, now: NOW };
const reauth = newFlow('f', { mode: 'reauth' });
const coded = newFlow('f', { mode: 'code' });

/** What binds the flow of a link to a person, and tokens that count once. */
export const flowLinkContract = (open: OpenTwoProcesses): void => {
  describe('a flow that the host must vouch for', () => {
    it('asks from the browser that opened it, and only the newest request is answered, once', async () => {
      const both = await open();
      const { flows } = both.stores;
      await flowTo(both.stores).opened(reauth);
      expect(await flows.ask({ ...asking, nonceHash: 'another' })).toBeNull();
      expect(await flows.ask({ ...asking, now: NOW + FLOW_LIFE })).toBeNull();
      expect(await flows.ask({ ...asking, requestHash: 'older' })).toMatchObject({ status: 'asked' });
      expect(await flows.ask(asking)).toMatchObject({ status: 'asked', vouchedFor: null });
      expect(await flows.vouch({ ...answer, requestHash: 'older' })).toBeNull();
      expect(await flows.vouch({ ...answer, now: NOW + FLOW_LIFE })).toBeNull();
      const answers = await race(both, (stores) => stores.flows.vouch(answer));
      expect(answers.filter((flow) => flow !== null)).toMatchObject([
        { status: 'vouched', vouchedFor: ada.id },
      ]);
      expect(await flows.ask({ ...asking, requestHash: 'late' })).toBeNull();
    });

    it('no longer names a viewer who was erased, and goes no further for the one who started it', async () => {
      const { stores } = await open();
      await flowTo(stores).opened(reauth);
      await stores.flows.ask(asking);
      await stores.flows.vouch({ ...answer, viewer: bob });
      expect(await stores.flows.byId('f')).toMatchObject({ vouchedFor: bob.id });
      await stores.connectionLists.erase(bob);
      expect(await stores.flows.byId('f')).toMatchObject({ viewer: ada, vouchedFor: null });
      expect(await stores.flows.redirect(going)).toBeNull();
    });

    it('is answered by its own host alone', async () => {
      const { stores } = await open();
      await flowTo(stores).opened(reauth);
      await stores.flows.ask(asking);
      expect(await stores.flows.vouch({ ...answer, viewer: viewerOf('wiki', 'ada') })).toBeNull();
      expect(await stores.flows.vouch({ ...answer, viewer: viewerOf('goc', 'd","ada') })).toBeNull();
      expect(await stores.flows.vouch(answer)).not.toBeNull();
    });

    it('goes to the provider only when the host named its own viewer', async () => {
      const { stores } = await open();
      await flowTo(stores).opened(reauth);
      expect(await stores.flows.redirect({ ...going, from: 'opened' })).toBeNull();
      await stores.flows.ask(asking);
      expect(await stores.flows.redirect(going)).toBeNull();
      await stores.flows.vouch({ ...answer, viewer: bob });
      expect(await stores.flows.redirect(going)).toBeNull();
    });

    it('goes there once it did', async () => {
      const { stores } = await open();
      await flowTo(stores).opened(reauth);
      await stores.flows.ask(asking);
      await stores.flows.vouch(answer);
      expect(await stores.flows.redirect({ ...going, nonceHash: 'another' })).toBeNull();
      expect(await stores.flows.redirect(going)).toMatchObject({ status: 'redirected' });
    });

    it('is nothing that another mode knows', async () => {
      const { stores } = await open();
      await flowTo(stores).opened(newFlow('f'));
      expect(await stores.flows.ask(asking)).toBeNull();
    });
  });

  describe('a flow whose code is typed into the gadget', () => {
    it('is not accepted by a yes alone', async () => {
      const { stores } = await open();
      await flowTo(stores).pending(coded);
      expect(await stores.flows.accept('f', 'nonce-of-f', NOW)).toBeNull();
      expect(await stores.flows.offerCode({ ...offer, nonceHash: 'another' })).toBeNull();
      expect(await stores.flows.offerCode(offer)).toMatchObject({
        status: 'coded',
        code: { expiresAt: offer.codeExpiresAt, tries: 0 },
      });
    });

    it('has one code at a time, and a new one when that is too old; tries stay counted', async () => {
      const { stores } = await open();
      await flowTo(stores).pending(coded);
      await stores.flows.offerCode(offer);
      await stores.flows.tryCode('f', limits);
      const another = { ...offer, codeHash: 'new', codeExpiresAt: NOW + 10 * MINUTE };
      expect(await stores.flows.offerCode({ ...another, now: NOW + 5 * MINUTE - 1 })).toBeNull();
      expect(await stores.flows.tryCode('f', { ...limits, now: NOW + 5 * MINUTE })).toBeNull();
      expect(await stores.flows.acceptCode('f', 'code', NOW + 5 * MINUTE)).toBeNull();
      expect(await stores.flows.offerCode({ ...another, now: NOW + 5 * MINUTE })).toMatchObject({
        code: { tries: 1 },
      });
      expect(await stores.flows.acceptCode('f', 'code', NOW)).toBeNull();
      expect(await stores.flows.acceptCode('f', 'new', NOW)).toMatchObject({ status: 'accepted' });
    });

    it('allows five of twenty tries, and one acceptance', async () => {
      const both = await open();
      await flowTo(both.stores).pending(coded);
      await both.stores.flows.offerCode(offer);
      const tries = await race(both, (stores) => stores.flows.tryCode('f', limits));
      expect(tries.filter((each) => each?.codeHash === 'code')).toHaveLength(5);
      const accepted = await race(both, (stores) => stores.flows.acceptCode('f', 'code', NOW));
      expect(accepted.filter((flow) => flow !== null)).toHaveLength(1);
      expect(await both.stores.flows.tryCode('f', limits)).toBeNull();
    });

    it('counts the tries of all flows of its viewer', async () => {
      const { stores } = await open();
      for (const id of ['f', 'g']) {
        await flowTo(stores).pending({ ...newFlow(id, { mode: 'code' }) });
        await stores.flows.offerCode({ ...offer, id, nonceHash: `nonce-of-${id}` });
      }
      expect(await stores.flows.tryCode('f', { ...limits, ofViewer: 1 })).not.toBeNull();
      expect(await stores.flows.tryCode('g', { ...limits, ofViewer: 1 })).toBeNull();
      expect(await stores.flows.tryCode('g', { ...limits, ofViewer: 2 })).not.toBeNull();
    });
  });

  describe('a host token with a purpose', () => {
    it('counts once of twenty times, and once for each host', async () => {
      const both = await open();
      const spent = await race(both, (stores) => stores.spentTokens.spend('gocd', 'jti', NOW + MINUTE));
      expect(spent.filter(Boolean)).toHaveLength(1);
      expect(await both.stores.spentTokens.spend('wiki', 'jti', NOW + MINUTE)).toBe(true);
    });

    it('is forgotten when it could no longer be used', async () => {
      const { stores } = await open();
      await stores.spentTokens.spend('gocd', 'jti', NOW + MINUTE);
      await stores.spentTokens.sweep(NOW + MINUTE - 1);
      expect(await stores.spentTokens.spend('gocd', 'jti', NOW + MINUTE)).toBe(false);
      await stores.spentTokens.sweep(NOW + MINUTE);
      expect(await stores.spentTokens.spend('gocd', 'jti', NOW + MINUTE)).toBe(true);
    });
  });
};
