import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { continueBulkDisconnects } from '../../src/connect/ending/bulk-disconnect-steps.js';
import { removeHostViewer } from '../../src/connect/ending/erase-viewer.js';
import { Secret } from '../../src/domain/secret.js';
import { stepsOf } from './steps.js';
import { alice, HOUR, makeWorld, type World } from './world.js';

const claims = { viewer: alice, jti: 'jti', replayableUntil: Number.MAX_SAFE_INTEGER, flowHash: null };
const hostTokens = { verifyFor: async () => claims };

/** A frame polls each second: it may make its Connection between the first step of a leaving and the next. */
describe('A Connection that is made in the moment its viewer leaves', () => {
  let world: World;
  let flow: string;

  beforeEach(async () => {
    world = await makeWorld();
    flow = await stepsOf(world).accepted('ada');
    world.clock.pass(1000);
  });
  afterEach(() => world.stores.close());

  /** The leaving is written down, then a frame asks before anything was ended. */
  const leaves = () => {
    const start: typeof world.stores.departures.start = async (departure) => {
      const started = await world.stores.departures.start(departure);
      world.clock.pass(1);
      expect(await activateFlow(world.ports, flow, alice)).toMatchObject({ status: 'active' });
      return started;
    };
    const stores = { ...world.stores, departures: { ...world.stores.departures, start } };
    return removeHostViewer({ ...world.ports, stores, hostTokens }, 'gocd', new Secret('token'));
  };

  it('goes with them: what they began before they left is not what they begin when they are back', async () => {
    await leaves();
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
    await continueBulkDisconnects(world.ports);
    expect(world.server.revoked).toContain('access-ada-1');
  });

  it('is counted among those that went', async () => {
    const { departure } = await leaves();
    world.clock.pass(HOUR);
    await continueBulkDisconnects(world.ports);
    expect(await world.stores.departures.byId(departure ?? '')).toMatchObject({ revoked: 1, unrevoked: 0 });
    expect(await world.stores.departures.unfinished()).toEqual([]);
  });
});
