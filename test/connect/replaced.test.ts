import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { sweepUnused } from '../../src/connect/ending/sweep.js';
import { dyingAfter } from './dying.js';
import { stepsOf } from './steps.js';
import { alice, HOUR, makeWorld, type World } from './world.js';

/** The viewer chose another account: what the first one had given is wanted no more. */
describe('The permission of an account that was given up', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld();
    await stepsOf(world).connect('ada');
    world.clock.pass(1000);
  });
  afterEach(() => world.stores.close());

  it.each(Array.from({ length: 12 }, (_, step) => step + 1))(
    'is taken back though the server is killed after step %i of the replacement',
    async (step) => {
      const flow = await stepsOf(world).accepted('eve');
      const mortal = { ...world.ports, stores: dyingAfter(world.stores, step) };
      await activateFlow(mortal, flow, alice).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
      world.clock.pass(60_000);
      expect(await activateFlow(world.ports, flow, alice)).toMatchObject({ status: 'active' });
      world.clock.pass(HOUR);
      await sweepUnused(world.ports, 90 * 24 * HOUR);
      const accounts = world.server.revoked.map((token) => world.server.accounts.get(token));
      expect(new Set(accounts)).toEqual(new Set(['ada']));
      expect(await world.stores.connections.ofViewer(alice)).toMatchObject([{ account: { label: 'eve' } }]);
    },
  );

  it('is left alone where nothing became of the replacement', async () => {
    const older = await stepsOf(world).accepted('eve');
    world.clock.pass(1000);
    await stepsOf(world).connect('bo');
    expect(await activateFlow(world.ports, older, alice)).toMatchObject({ status: 'superseded' });
    await expect.poll(() => [...world.server.revoked].sort()).toEqual(['access-ada-1', 'access-eve-2']);
    expect(await world.stores.connections.find(alice, 'github')).toMatchObject({ account: { label: 'bo' } });
  });
});
