import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/domain/actor.js';
import { Secret } from '../../src/domain/secret.js';
import { Heartbeat, MetricsSaver } from '../../src/server/background.js';
import { Metrics } from '../../src/server/metrics.js';
import { systemEntropy } from '../../src/server/node-system.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { keyRing } from '../store/fixtures.js';
import { NOW, TestClock } from '../support/test-clock.js';

/** A server says that it runs, and looks for what is new. */
const LOOPS = 2;

/** Lets time pass when each of them sleeps, and until each sleeps again. */
const pass = async (clock: TestClock, ms: number, loops = LOOPS): Promise<void> => {
  await expect.poll(() => clock.sleeping).toBe(loops);
  clock.pass(ms);
  await expect.poll(() => clock.sleeping).toBe(loops);
};

const by: Actor = { kind: 'command', name: 'ann' };

describe('A server among others', () => {
  let stores: Stores;
  let clock: TestClock;
  let looks: number;
  let asked: Actor[];
  beforeEach(async () => {
    clock = new TestClock('waits');
    stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k1'), clock });
    looks = 0;
    asked = [];
  });
  afterEach(() => stores.close());

  /** `fraction` is where in its range each pause lies. */
  const startHeartbeat = async (fraction: number, isUnchanged = true) => {
    const { instances } = stores;
    const heartbeat = new Heartbeat({
      peers: { server: 'one', hear: () => {} },
      instances,
      poll: async () => {
        looks += 1;
      },
      reload: async (actor) => {
        asked.push(actor);
        return { problem: 'It has a mistake.', restart: ['listen'], gadgets: [] };
      },
      faultyGadgets: () => [],
      isUnchanged: () => isUnchanged,
      keys: () => ['k1'],
      clock,
      entropy: { id: () => 'id', secret: () => new Secret('secret'), fraction: () => fraction },
      journal: { note: () => {}, warn: () => {} },
    });
    await heartbeat.start();
  };
  const reported = async () => (await stores.instances.alive(NOW))[0];

  it('looks for what the others changed within one and a half seconds, again and again', async () => {
    await startHeartbeat(0.999);
    for (const look of [1, 2, 3]) {
      await pass(clock, 1500);
      expect(looks).toBe(look);
    }
  });

  it('handles each request to reload its file once, and reports the outcome to everyone', async () => {
    await startHeartbeat(0.5);
    expect(await reported()).toMatchObject({ id: 'one', problem: null, restart: [] });
    const number = await stores.instances.requestReload(by, clock.now());
    await pass(clock, 1000);
    expect(await reported()).toMatchObject({
      reload: number,
      problem: 'It has a mistake.',
      restart: ['listen'],
    });
    await pass(clock, 1000);
    expect(looks).toBe(2);
    expect(asked).toEqual([by]);
  });

  it('handles a request made while it was starting, if the file was changed since it read it', async () => {
    const number = await stores.instances.requestReload(by, clock.now());
    await startHeartbeat(0.5, false);
    await pass(clock, 1000);
    expect(asked).toEqual([by]);
    expect(await reported()).toMatchObject({ reload: number });
  });

  it('picks up a changed file only when asked', async () => {
    await startHeartbeat(0.5, false);
    await pass(clock, 1000);
    await pass(clock, 1000);
    expect(asked).toEqual([]);
  });

  it('ignores a request from before it read its file', async () => {
    await stores.instances.requestReload(by, clock.now());
    await startHeartbeat(0.5);
    await pass(clock, 1000);
    expect(looks).toBe(1);
    await pass(clock, 1000);
    expect(looks).toBe(2);
    expect(asked).toEqual([]);
  });
});

describe('What a server counts', () => {
  it('is written down within three quarters of a minute, and what is left when it stops', async () => {
    const clock = new TestClock('waits');
    const stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k1'), clock });
    const metrics = new Metrics(clock.now);
    const entropy = { ...systemEntropy, fraction: () => 0.999 };
    const journal = { note: () => {}, warn: () => {} };
    const saver = new MetricsSaver(metrics, stores.meter, { clock, entropy, journal });
    const written = async () => (await stores.meter.since(0)).reduce((sum, { count }) => sum + count, 0);
    metrics.rendered('cards', 'content');
    await pass(clock, 44_000, 1);
    expect(await written()).toBe(0);
    await pass(clock, 1000, 1);
    expect(await written()).toBe(1);
    metrics.rendered('cards', 'content');
    await saver.stop();
    expect(await written()).toBe(2);
    await stores.close();
  });
});
