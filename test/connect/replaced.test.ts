import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { sweepUnused } from '../../src/connect/ending/sweep.js';
import { alice, type ConnectSetup, HOUR, setUpConnect } from './connect-setup.js';
import { dyingAfter } from './dying.js';
import { stepsOf } from './steps.js';

/** The viewer chose another account: what the first one had given is wanted no more. */
describe('The permission of an account that was given up', () => {
  let setup: ConnectSetup;

  beforeEach(async () => {
    setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
    setup.clock.pass(1000);
  });
  afterEach(() => setup.stores.close());

  it.each(Array.from({ length: 12 }, (_, step) => step + 1))(
    'is taken back though the server is killed after step %i of the replacement',
    async (step) => {
      const flow = await stepsOf(setup).accepted('eve');
      const peers = { own: 'killed-1-test', isDead: () => false };
      const mortal = { ...setup.ports, peers, stores: dyingAfter(setup.stores, step) };
      await activateFlow(mortal, flow, alice).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
      setup.clock.pass(60_000);
      expect(await activateFlow(setup.ports, flow, alice)).toMatchObject({ status: 'active' });
      setup.clock.pass(HOUR);
      const surviving = { own: 'surviving-1-test', isDead: (name: string) => name === peers.own };
      await sweepUnused({ ...setup.ports, peers: surviving }, 90 * 24 * HOUR);
      const accounts = setup.server.revoked.map((token) => setup.server.accounts.get(token));
      expect(new Set(accounts)).toEqual(new Set(['ada']));
      expect(await setup.stores.connections.ofViewer(alice)).toMatchObject([{ account: { label: 'eve' } }]);
    },
  );

  it('is left alone where nothing became of the replacement', async () => {
    const older = await stepsOf(setup).accepted('eve');
    setup.clock.pass(1000);
    await stepsOf(setup).connect('bo');
    expect(await activateFlow(setup.ports, older, alice)).toMatchObject({ status: 'superseded' });
    await expect.poll(() => [...setup.server.revoked].sort()).toEqual(['access-ada-1', 'access-eve-2']);
    expect(await setup.stores.connections.find(alice, 'github')).toMatchObject({
      account: { label: 'bo' },
    });
  });
});
