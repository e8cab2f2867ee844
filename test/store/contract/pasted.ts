import { describe, expect, it } from 'vitest';
import { FLOW_LIFE } from '../../../src/domain/flow.js';
import { ada, bob, flowTo, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const pasted = tokenSet('pasted', { refreshToken: null, expiresAt: null });
const account = { id: 'ada', label: '@ada' };
const facts = { site: { value: 'one', label: 'One', among: [] } };
const step = { id: 'f', nonceHash: 'nonce-of-f', tokens: pasted, account, facts, now: NOW };
const reauth = newFlow('f', { mode: 'reauth' });
const asking = { id: 'f', nonceHash: 'nonce-of-f', requestHash: 'request', now: NOW };

/** A flow in which the person pastes a token in the place of their going to the provider. */
export const pastedContract = (open: OpenTwoProcesses): void => {
  describe('a token that is pasted', () => {
    it('is held by the flow that was opened, once, sealed for it', async () => {
      const both = await open();
      await flowTo(both.stores).opened(newFlow('f'));
      const held = await race(both, (stores, n) =>
        stores.flows.holdPasted({ ...step, tokens: tokenSet(`${n}`) }),
      );
      expect(held.filter((each) => each !== null)).toHaveLength(1);
      const flow = held.find((each) => each !== null) ?? null;
      expect(flow).toMatchObject({ status: 'pending', account, facts });
      const winner = held.findIndex((each) => each !== null);
      const kept = flow && (await both.others.flows.tokens(flow));
      expect(revealed(kept)).toEqual(revealed(tokenSet(`${winner}`)));
    });

    it('is held by no flow of another browser, that is over, unknown, not opened, or a visit', async () => {
      const { stores } = await open();
      const { flows } = stores;
      await flows.create(newFlow('f'));
      expect(await flows.holdPasted(step)).toBeNull();
      await flowTo(stores).opened(newFlow('g'));
      const other = { ...step, id: 'g', nonceHash: 'nonce-of-g' };
      expect(await flows.holdPasted({ ...other, nonceHash: 'nonce-of-f' })).toBeNull();
      expect(await flows.holdPasted({ ...other, now: NOW + FLOW_LIFE })).toBeNull();
      expect(await flows.holdPasted({ ...other, id: 'nowhere' })).toBeNull();
      expect(await flows.holdPasted(other)).not.toBeNull();
      expect(await flows.holdPasted(other)).toBeNull();
      const visit = newFlow('v', { intent: 'visit', provider: '', mode: 'reauth' });
      await flows.create(visit);
      const { ticketHash } = visit;
      await flows.open({ ticketHash, modes: ['reauth'], visit: true, nonceHash: 'nonce-of-v', now: NOW });
      await flows.ask({ ...asking, id: 'v', nonceHash: 'nonce-of-v' });
      await flows.vouch({ requestHash: 'request', viewer: ada, now: NOW });
      expect(await flows.holdPasted({ ...step, id: 'v', nonceHash: 'nonce-of-v' })).toBeNull();
    });

    it('is held in mode reauth when the host named the flow’s own viewer, and not before', async () => {
      const { stores } = await open();
      const { flows } = stores;
      await flowTo(stores).opened(reauth);
      expect(await flows.holdPasted(step)).toBeNull();
      await flows.ask(asking);
      expect(await flows.holdPasted(step)).toBeNull();
      await flows.vouch({ requestHash: 'request', viewer: bob, now: NOW });
      expect(await flows.holdPasted(step)).toBeNull();
      await flowTo(stores).opened(newFlow('g', { mode: 'reauth' }));
      await flows.ask({ ...asking, id: 'g', nonceHash: 'nonce-of-g', requestHash: 'another' });
      await flows.vouch({ requestHash: 'another', viewer: ada, now: NOW });
      expect(await flows.holdPasted({ ...step, id: 'g', nonceHash: 'nonce-of-g' })).toMatchObject({
        status: 'pending',
      });
    });

    it('is given up for another one, where the flow waits for its yes: once, and nothing of it stays', async () => {
      const both = await open();
      const { flows } = both.stores;
      await flowTo(both.stores).opened(newFlow('f'));
      expect(await flows.dropPasted('f', 'nonce-of-f', NOW)).toBeNull();
      const held = await flows.holdPasted(step);
      expect(await flows.dropPasted('f', 'another', NOW)).toBeNull();
      expect(await flows.dropPasted('f', 'nonce-of-f', NOW + FLOW_LIFE)).toBeNull();
      const dropped = await race(both, (stores) => stores.flows.dropPasted('f', 'nonce-of-f', NOW));
      expect(dropped.filter((each) => each !== null)).toMatchObject([
        { status: 'opened', account: null, facts: {}, declined: { account: 'ada' } },
      ]);
      expect(held && (await flows.tokens(held))).toBeNull();
      expect(await flows.holdPasted({ ...step, tokens: tokenSet('next') })).toMatchObject({
        status: 'pending',
        declined: { account: 'ada' },
      });
      expect(await flows.accept('f', 'nonce-of-f', NOW)).not.toBeNull();
      expect(await flows.dropPasted('f', 'nonce-of-f', NOW)).toBeNull();
    });

    it('is given up in mode reauth without asking the host again, and names no account where none is known', async () => {
      const { stores } = await open();
      const { flows } = stores;
      await flowTo(stores).opened(reauth);
      await flows.ask(asking);
      await flows.vouch({ requestHash: 'request', viewer: ada, now: NOW });
      await flows.holdPasted({ ...step, account: null });
      expect(await flows.dropPasted('f', 'nonce-of-f', NOW)).toMatchObject({
        ...{ status: 'vouched', vouchedFor: ada.id, declined: { account: null } },
      });
      expect(await flows.holdPasted(step)).toMatchObject({ status: 'pending' });
    });
  });
};
