import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { type Job, JobRunner } from '../../src/server/jobs.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { keyRing } from '../store/fixtures.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;
const SECOND = 1000;

describe('What servers do once for all of them', () => {
  let stores: Stores;
  let clock: TestClock;
  let warned: unknown[];
  const running: JobRunner[] = [];

  beforeEach(async () => {
    clock = new TestClock('waits');
    stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k'), clock });
    warned = [];
  });
  afterEach(async () => {
    for (const runner of running.splice(0)) {
      const stopped = runner.stop();
      clock.pass(2 * SECOND);
      await stopped;
    }
    await stores.close();
  });

  const start = (...jobs: readonly Job[]): JobRunner => {
    const runner = new JobRunner(jobs, stores.jobs, {
      clock,
      entropy: { id: () => 'id', secret: () => new Secret('secret'), fraction: () => 0.5 },
      journal: { note: () => {}, warn: (event, fields) => void warned.push({ event, ...fields }) },
    });
    running.push(runner);
    return runner;
  };
  /** Lets so much time pass that each of them looks once, and until each has; `busy` jobs are being done. */
  const look = async (ms = SECOND, busy = 0): Promise<void> => {
    await expect.poll(() => clock.sleeping).toBe(running.length + busy);
    clock.pass(ms);
    await expect.poll(() => clock.sleeping).toBeGreaterThanOrEqual(running.length);
  };
  const counting = (given: Partial<Job> = {}) => {
    const turns: unknown[] = [];
    const job: Job = {
      name: 'sweep',
      every: MINUTE,
      work: async (data) => void turns.push(data),
      ...given,
    };
    return { job, turns };
  };

  it('is done about every so often by one of them, not by each', async () => {
    const { job, turns } = counting();
    start(job);
    start(job);
    start(job);
    await look();
    expect(turns).toHaveLength(0);
    await look(MINUTE);
    await expect.poll(() => turns).toHaveLength(1);
    await look();
    expect(turns).toHaveLength(1);
    await look(MINUTE);
    await expect.poll(() => turns).toHaveLength(2);
  });

  it('is done by another when the one that did it stops', async () => {
    const { job, turns } = counting();
    const first = start(job);
    await look();
    const stopped = first.stop();
    clock.pass(SECOND);
    await stopped;
    running.splice(0);
    start(job);
    await look(MINUTE);
    await look();
    await expect.poll(() => turns).toHaveLength(1);
  });

  it('waits for its usual time after it failed, and the log says why', async () => {
    const failures: number[] = [];
    const { job } = counting({
      work: async () => {
        failures.push(clock.now());
        throw new Error('The provider is on fire.');
      },
    });
    start(job);
    await look();
    await look(MINUTE);
    await expect.poll(() => warned).toEqual([{ event: 'upkeep-failed', error: 'The provider is on fire.' }]);
    await look();
    expect(failures).toHaveLength(1);
    await look(MINUTE);
    await expect.poll(() => failures).toHaveLength(2);
  });

  it('goes on turn by turn with what is left, and is then gone', async () => {
    const turns: unknown[] = [];
    start({
      name: 'rotate',
      every: null,
      work: async (data) => {
        turns.push(data);
        const left = Number(data) - 1;
        return left > 0 ? left : null;
      },
    });
    await stores.jobs.ask('rotate', { after: 0, data: 3 });
    for (const seen of [[3], [3, 2], [3, 2, 1]]) {
      await look();
      await expect.poll(() => turns).toEqual(seen.slice(0, turns.length));
    }
    await expect.poll(() => stores.jobs.find('rotate')).toBeNull();
    expect(turns).toEqual([3, 2, 1]);
  });

  it('keeps no other job waiting while it is under way, and stopping waits for it', async () => {
    let finish = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { job, turns } = counting({ name: 'quick' });
    const runner = start(job, { name: 'slow', every: null, work: () => slow });
    await look();
    await stores.jobs.ask('slow', { after: 0, data: null });
    await look();
    await look(MINUTE, 1);
    await expect.poll(() => turns).toHaveLength(1);
    running.splice(0);
    let isStopped = false;
    const stopped = runner.stop().then(() => {
      isStopped = true;
    });
    clock.pass(2 * SECOND);
    await expect.poll(() => stores.jobs.find('quick')).toMatchObject({ isTaken: false });
    expect(isStopped).toBe(false);
    finish();
    await stopped;
    expect(await stores.jobs.find('slow')).toBeNull();
  });

  it('stays with the one that does it, however long that takes', async () => {
    let finish = (): void => undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let started = 0;
    const job: Job = {
      name: 'slow',
      every: null,
      work: () => {
        started += 1;
        return slow;
      },
    };
    await stores.jobs.ask('slow', { after: 0, data: null });
    start(job);
    start(job);
    await look();
    for (let passed = 0; passed < MINUTE; passed += SECOND) await look(SECOND, 1);
    expect(started).toBe(1);
    finish();
    await expect.poll(() => stores.jobs.find('slow')).toBeNull();
  });

  it('leaves what it does not know to the version that asked for it', async () => {
    start();
    await stores.jobs.ask('of-tomorrow', { after: 0, data: 'kept' });
    await look();
    await expect.poll(() => stores.jobs.find('of-tomorrow')).toEqual({ data: 'kept', isTaken: false });
    expect(await stores.jobs.take()).toBeNull();
    expect(warned).toEqual([]);
  });
});
