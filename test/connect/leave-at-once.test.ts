import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { continueBulkDisconnects } from '../../src/connect/ending/bulk-disconnect-steps.js';
import { removeHostViewer } from '../../src/connect/ending/erase-viewer.js';
import { Secret } from '../../src/domain/secret.js';
import { replacing } from '../support/replacing.js';
import { alice, type ConnectSetup, HOUR, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

const claims = { viewer: alice, jti: 'jti', replayableUntil: Number.MAX_SAFE_INTEGER, flowHash: null };
const hostTokens = { verifyFor: async () => claims };

/** A frame polls each second: it may make its Connection between the first step of a leaving and the next. */
describe('A Connection that is made in the moment its viewer leaves', () => {
  let setup: ConnectSetup;
  let flow: string;

  beforeEach(async () => {
    setup = await setUpConnect();
    flow = await stepsOf(setup).accepted('ada');
    setup.clock.pass(1000);
  });
  afterEach(() => setup.stores.close());

  /** The leaving is written down, then a frame asks before anything was ended. */
  const leaves = () => {
    const start: typeof setup.stores.bulkDisconnects.start = async (bulkDisconnect) => {
      const started = await setup.stores.bulkDisconnects.start(bulkDisconnect);
      setup.clock.pass(1);
      expect(await activateFlow(setup.ports, flow, alice)).toMatchObject({ status: 'active' });
      return started;
    };
    const stores = { ...setup.stores, bulkDisconnects: replacing(setup.stores.bulkDisconnects, { start }) };
    return removeHostViewer({ ...setup.ports, stores, hostTokens }, 'gocd', new Secret('token'));
  };

  it('goes with them: what they started before they left is not what they start when they are back', async () => {
    await leaves();
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    await continueBulkDisconnects(setup.ports);
    expect(setup.server.revoked).toContain('access-ada-1');
  });

  it('is counted among those that went', async () => {
    const { departure: bulkDisconnect } = await leaves();
    setup.clock.pass(HOUR);
    await continueBulkDisconnects(setup.ports);
    expect(await setup.stores.bulkDisconnects.byId(bulkDisconnect ?? '')).toMatchObject({
      revoked: 1,
      unrevoked: 0,
    });
    expect(await setup.stores.bulkDisconnects.unfinished()).toEqual([]);
  });
});
