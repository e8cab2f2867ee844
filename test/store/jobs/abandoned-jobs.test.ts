import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/engine/open-database.js';
import { raw } from '../../../src/store/engine/sql.js';
import { LEASE } from '../../../src/store/jobs/job-store.js';
import { PostgresJobs } from '../../../src/store/jobs/postgres-jobs.js';
import { openStores } from '../../../src/store/open-stores.js';
import type { Stores } from '../../../src/store/stores.js';
import { sharedPostgres } from '../../support/postgres.js';
import { TestClock } from '../../support/test-clock.js';
import { keyRing } from '../fixtures.js';

const silent = { note: () => {}, warn: () => {} };

describe('A job whose process is gone, on SQLite', () => {
  let stores: Stores;
  let clock: TestClock;
  beforeAll(async () => {
    clock = new TestClock();
    stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k'), clock });
  });
  afterAll(() => stores.close());

  it('is given to another a minute later, and the first one finishes nothing any more', async () => {
    const { jobs } = stores;
    await jobs.ask('sweep', { after: 0, data: 1 });
    const first = await jobs.take();
    clock.pass(LEASE - 1);
    expect(await jobs.take()).toBeNull();
    clock.pass(1);
    const second = await jobs.take();
    expect(second).toMatchObject({ name: 'sweep', data: 1 });
    if (first !== null) await jobs.finish(first, null);
    expect(await jobs.find('sweep')).toEqual({ data: 1, isTaken: true });
    if (second !== null) await jobs.finish(second, null);
  });

  it('is not waited for by a clock that was put back', async () => {
    const { jobs } = stores;
    const WEEK = 7 * 24 * 3_600_000;
    clock.set(WEEK);
    await jobs.ask('sweep', { after: 60_000, data: 1 });
    await jobs.ask('count', { after: 0, data: 2 });
    expect(await jobs.take()).toMatchObject({ name: 'count' });
    clock.set(-WEEK);
    const names = [(await jobs.take())?.name, (await jobs.take())?.name];
    expect(names.toSorted()).toEqual(['count', 'sweep']);
  });
});

describe('A job whose process is gone, on PostgreSQL', () => {
  it('is given to another once its time is over', async () => {
    const postgres = await sharedPostgres();
    const database = await openDatabase(await postgres.database(), { create: true });
    const { library } = database;
    if (library === undefined) throw new Error('PostgreSQL takes statements of libraries.');
    const jobs = new PostgresJobs(database.name, library, silent, { supervised: 1 });
    await jobs.ask('sweep', { after: 0, data: 1 });
    const first = await jobs.take();
    expect(first).toMatchObject({ name: 'sweep' });
    const ago = `interval '${LEASE} milliseconds'`;
    await database.write(raw(`update oriel_jobs.job set started_on = started_on - ${ago}`));
    await expect.poll(() => jobs.take(), { timeout: 10_000 }).toMatchObject({ name: 'sweep', data: 1 });
    if (first !== null) await jobs.finish(first, null);
    expect(await jobs.find('sweep')).toEqual({ data: 1, isTaken: true });
    await jobs.close();
    await database.close();
  });

  it('has no queue where the user may not make its schema, and says what to do', async () => {
    const postgres = await sharedPostgres();
    const url = await postgres.empty();
    const owner = await openDatabase(url, { create: true });
    const name = new URL(url).pathname.slice(1);
    await owner.write(raw(`create role limited login password 'of-little-use'`));
    await owner.write(raw(`grant all on schema public to limited`));
    const limited = new URL(url);
    limited.username = 'limited';
    limited.password = 'of-little-use';
    const options = { keys: keyRing('k'), clock: new TestClock() };
    await expect(openStores({ url: limited.href, ...options })).rejects.toMatchObject({
      faultCode: 'database_forbidden',
      reason: expect.stringContaining('grant create on database'),
    });
    await owner.write(raw(`grant create on database ${name} to limited`));
    const stores = await openStores({ url: limited.href, ...options });
    await owner.write(raw(`revoke create on database ${name} from limited`));
    await stores.close();
    const again = await openStores({ url: limited.href, ...options });
    await again.jobs.ask('sweep', { after: 0, data: 1 });
    expect(await again.jobs.take()).toMatchObject({ name: 'sweep' });
    await again.close();
    await owner.close();
  });
});
