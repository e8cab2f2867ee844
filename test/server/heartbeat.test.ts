import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../src/domain/actor.js';
import { Secret } from '../../src/domain/secret.js';
import { Heartbeat } from '../../src/server/background.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { keyRing, NOW } from '../store/fixtures.js';

/** A server says that it runs, and looks for what is new. */
const LOOPS = 2;

/** Time passes for all loops at once, when the test says so and each of them sleeps. */
class SteppedClock {
  #now = NOW;
  #sleeping: { readonly until: number; readonly wake: () => void }[] = [];

  now = (): number => this.#now;
  monotonic = this.now;

  sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#sleeping.push({ until: this.#now + ms, wake });
    });

  async pass(ms: number): Promise<void> {
    await expect.poll(() => this.#sleeping.length).toBe(LOOPS);
    this.#now += ms;
    const due = this.#sleeping.filter(({ until }) => until <= this.#now);
    this.#sleeping = this.#sleeping.filter(({ until }) => until > this.#now);
    for (const { wake } of due) wake();
    await expect.poll(() => this.#sleeping.length).toBe(LOOPS);
  }
}

const by: Actor = { kind: 'command', name: 'ann' };

describe('A server among others', () => {
  let stores: Stores;
  let clock: SteppedClock;
  let looks: number;
  let asked: Actor[];
  beforeEach(async () => {
    clock = new SteppedClock();
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
        return { problem: 'It has a mistake.', restart: ['listen'] };
      },
      isUnchanged: () => isUnchanged,
      keys: () => ['k1'],
      clock,
      entropy: { id: () => 'id', secret: () => new Secret('secret'), fraction: () => fraction },
      journal: { note: () => {}, warn: () => {} },
    });
    await heartbeat.start();
  };
  const told = async () => (await stores.instances.alive(NOW))[0];

  it('looks for what the others changed within one and a half seconds, again and again', async () => {
    await startHeartbeat(0.999);
    for (const look of [1, 2, 3]) {
      await clock.pass(1500);
      expect(looks).toBe(look);
    }
  });

  it('handles each request to reload its file once, and reports the outcome to everyone', async () => {
    await startHeartbeat(0.5);
    expect(await told()).toMatchObject({ id: 'one', problem: null, restart: [] });
    const number = await stores.instances.requestReload(by, clock.now());
    await clock.pass(1000);
    expect(await told()).toMatchObject({ reload: number, problem: 'It has a mistake.', restart: ['listen'] });
    await clock.pass(1000);
    expect(looks).toBe(2);
    expect(asked).toEqual([by]);
  });

  it('handles a request made while it was starting, if the file was changed since it read it', async () => {
    const number = await stores.instances.requestReload(by, clock.now());
    await startHeartbeat(0.5, false);
    await clock.pass(1000);
    expect(asked).toEqual([by]);
    expect(await told()).toMatchObject({ reload: number });
  });

  it('picks up a changed file only when asked', async () => {
    await startHeartbeat(0.5, false);
    await clock.pass(1000);
    await clock.pass(1000);
    expect(asked).toEqual([]);
  });

  it('ignores a request from before it read its file', async () => {
    await stores.instances.requestReload(by, clock.now());
    await startHeartbeat(0.5);
    await clock.pass(1000);
    expect(looks).toBe(1);
    await clock.pass(1000);
    expect(looks).toBe(2);
    expect(asked).toEqual([]);
  });
});
