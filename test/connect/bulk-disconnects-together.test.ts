import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../src/connect/ending/bulk-disconnect-steps.js';
import type { BulkDisconnect, Leaver } from '../../src/domain/bulk-disconnect.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { type ConnectSetup, setUpConnect } from './connect-setup.js';
import { dyingAfter } from './dying.js';
import { stepsOf } from './steps.js';

const MINUTE = 60_000;
const ofGithub: Leaver = { kind: 'provider', provider: 'github' };

describe('A bulk disconnect', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
  });
  afterEach(() => setup.stores.close());

  const start = (leaver: Leaver): Promise<BulkDisconnect> =>
    setup.stores.bulkDisconnects.start({
      ...{
        id: setup.ports.entropy.id(),
        leaver,
        startedAt: setup.clock.now(),
        startedBy: 'root',
      },
    });

  it('is done by several processes in parallel, and no provider is asked twice', async () => {
    for (let n = 0; n < 30; n += 1) await steps.connect(`p${n}`, 'github', viewerOf('gocd', `p${n}`));
    const bulkDisconnect = await start(ofGithub);
    await Promise.all([1, 2, 3, 4].map(() => continueBulkDisconnects(setup.ports)));
    setup.clock.pass(MINUTE);
    await Promise.all([1, 2].map(() => continueBulkDisconnects(setup.ports)));
    expect(setup.server.asked('revoke')).toBe(30);
    expect(await setup.stores.bulkDisconnects.byId(bulkDisconnect.id)).toMatchObject({
      revoked: 30,
      unrevoked: 0,
    });
  });

  it('killed at any step goes on where it was: every permission is taken back, and counted once', async () => {
    for (let n = 0; n < 4; n += 1) await steps.connect(`p${n}`, 'github', viewerOf('gocd', `p${n}`));
    await steps.accepted('flow');
    const { id } = await start(ofGithub);
    let deaths = 0;
    for (let step = 1; (await setup.stores.bulkDisconnects.unfinished()).length > 0; step += 1) {
      const mortal = { ...setup.ports, stores: dyingAfter(setup.stores, step) };
      await continueBulkDisconnects(mortal).catch(() => {
        deaths += 1;
      });
      setup.clock.pass(MINUTE);
      expect(step).toBeLessThan(200);
    }
    expect(deaths).toBeGreaterThan(5);
    expect(new Set(setup.server.revoked).size).toBe(5);
    // The consent became a Connection to be revoked only after the count of those there were.
    const finished = await setup.stores.bulkDisconnects.byId(id);
    expect(finished).toMatchObject({ total: 4, unrevoked: 0 });
    expect(finished?.revoked).toBeGreaterThanOrEqual(5);
    expect(await setup.stores.connectionLists.counts()).toEqual([]);
  });
});
