import { describe, expect, it } from 'vitest';
import type { TakenJob } from '../../../src/store/jobs/job-store.js';
import type { Stores } from '../../../src/store/stores.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const MINUTE = 60_000;

/** What is due, each taken and finished for good. */
const takeAll = async ({ jobs }: Stores): Promise<readonly Omit<TakenJob, 'turn'>[]> => {
  const all: Omit<TakenJob, 'turn'>[] = [];
  for (let job = await jobs.take(); job !== null; job = await jobs.take()) {
    all.push({ name: job.name, data: job.data });
    await jobs.finish(job, null);
  }
  return all;
};

const mustTake = async ({ jobs }: Stores): Promise<TakenJob> => {
  const job = await jobs.take();
  if (job === null) throw new Error('No job is due that the test takes for granted.');
  return job;
};

export const jobContract = (open: OpenTwoProcesses): void => {
  describe('jobs', () => {
    it('are there once, however many ask, with what the first one said', async () => {
      const both = await open();
      await both.stores.jobs.ask('sweep', { after: 0, data: { by: 'the first', '"': '\u0001' } });
      await race(both, ({ jobs }, n) => jobs.ask('sweep', { after: 0, data: n }));
      expect(await takeAll(both.others)).toEqual([
        { name: 'sweep', data: { by: 'the first', '"': '\u0001' } },
      ]);
      expect(await takeAll(both.stores)).toEqual([]);
    });

    it('are asked for once by twenty at the same time', async () => {
      const both = await open();
      await race(both, ({ jobs }) => jobs.ask('sweep', { after: 0, data: null }));
      expect(await takeAll(both.stores)).toHaveLength(1);
    });

    it('are each given to one of all who want them', async () => {
      const both = await open();
      for (const name of ['sweep', 'count', 'rotate'])
        await both.stores.jobs.ask(name, { after: 0, data: null });
      const taken = await race(both, ({ jobs }) => jobs.take());
      const names = taken.flatMap((job) => (job === null ? [] : [job.name]));
      // Who loses a job to another process looks again later; no one gets it twice.
      expect(new Set(names).size).toBe(names.length);
      const rest = (await takeAll(both.others)).map(({ name }) => name);
      expect([...names, ...rest].toSorted()).toEqual(['count', 'rotate', 'sweep']);
    });

    it('are not taken before their time, nor asked for again while someone has them', async () => {
      const { stores, others } = await open();
      await stores.jobs.ask('later', { after: MINUTE, data: null });
      expect(await others.jobs.take()).toBeNull();
      await stores.jobs.ask('now', { after: 0, data: 1 });
      await mustTake(stores);
      await others.jobs.ask('now', { after: 0, data: 2 });
      expect(await others.jobs.take()).toBeNull();
      expect(await others.jobs.find('now')).toEqual({ data: 1, isTaken: true });
    });

    it('go on with what a turn left to do, in any process, until one leaves nothing', async () => {
      const { stores, others } = await open();
      await stores.jobs.ask('rotate', { after: 0, data: { done: 0 } });
      await stores.jobs.finish(await mustTake(stores), { after: 0, data: { done: 1 } });
      expect(await stores.jobs.find('rotate')).toEqual({ data: { done: 1 }, isTaken: false });
      const second = await mustTake(others);
      expect(second).toMatchObject({ name: 'rotate', data: { done: 1 } });
      await others.jobs.finish(second, { after: MINUTE, data: { done: 2 } });
      expect(await stores.jobs.take()).toBeNull();
      expect(await stores.jobs.find('rotate')).toEqual({ data: { done: 2 }, isTaken: false });
    });

    it('are gone when they are done, and can be asked for again', async () => {
      const { stores, others } = await open();
      await stores.jobs.ask('rotate', { after: 0, data: 1 });
      await stores.jobs.finish(await mustTake(stores), null);
      expect(await others.jobs.find('rotate')).toBeNull();
      await others.jobs.ask('rotate', { after: 0, data: 2 });
      expect(await takeAll(stores)).toEqual([{ name: 'rotate', data: 2 }]);
    });

    it('are renewed by who has them, and by no one else', async () => {
      const { stores, others } = await open();
      await stores.jobs.ask('rotate', { after: 0, data: 1 });
      const taken = await mustTake(stores);
      const renewed = await stores.jobs.renew(taken);
      expect(renewed).toMatchObject({ name: 'rotate', data: 1 });
      expect(await others.jobs.take()).toBeNull();
      expect(await others.jobs.renew({ ...taken, turn: new Date(0).toISOString() })).toBeNull();
      if (renewed !== null) await stores.jobs.finish(renewed, { after: MINUTE, data: 2 });
      expect(await stores.jobs.find('rotate')).toEqual({ data: 2, isTaken: false });
      if (renewed !== null) expect(await stores.jobs.renew(renewed)).toBeNull();
    });

    it('are not finished by who had an earlier turn of them', async () => {
      const { stores, others } = await open();
      await stores.jobs.ask('rotate', { after: 0, data: 1 });
      const first = await mustTake(stores);
      await stores.jobs.finish(first, { after: 0, data: 2 });
      const second = await mustTake(others);
      await stores.jobs.finish(first, null);
      await stores.jobs.finish(first, { after: 0, data: 3 });
      expect(await stores.jobs.find('rotate')).toEqual({ data: 2, isTaken: true });
      await others.jobs.finish(second, null);
      expect(await stores.jobs.find('rotate')).toBeNull();
    });
  });
};
