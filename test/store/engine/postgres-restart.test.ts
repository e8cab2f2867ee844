import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

/** A server that is restarted is away for about so long, ms, besides what its start takes; five seconds in all are waited for. */
const AWAY = 700;

const opened = async () => {
  const database = openPostgres(await postgres.empty());
  onTestFinished(() => database.close());
  await database.write(sql`create table word (id bigint)`);
  return database;
};

it('Reads, changes that were not sent and transactions wait for a server that is restarted', async () => {
  const database = await opened();
  const settled: string[] = [];
  const started = async <T>(name: string, work: Promise<T>): Promise<T> => {
    const note = (): void => void settled.push(name);
    work.then(note, note);
    return work;
  };
  let all: Promise<unknown[]> = Promise.resolve([]);
  await postgres.restart(async () => {
    all = Promise.all([
      started('read', database.read(sql`select 1 as one`)),
      started('write', database.write(sql`insert into word values (2) returning id`)),
      started('alone', database.alone('clients', sql`insert into word values (3) returning id`)),
      started(
        'exclusive',
        database.exclusive('counts', (run) => run(sql`insert into word values (4) returning id`)),
      ),
      started(
        'snapshot',
        database.snapshot((run) => run(sql`select 5 as five`)),
      ),
    ]);
    // Awaited below; before that, one that fails is not reported as if no one waited for it.
    all.catch(() => undefined);
    await pause(AWAY);
    expect(settled).toEqual([]);
  });
  expect(await all).toEqual([[{ one: 1 }], [{ id: 2 }], [{ id: 3 }], [{ id: 4 }], [{ five: 5 }]]);
  expect(await database.read(sql`select id from word order by id`)).toEqual([
    { id: 2 },
    { id: 3 },
    { id: 4 },
  ]);
});

it('A change that was sent when the server was stopped is refused, and not done a second time', async () => {
  const database = await opened();
  const sent = database.write(sql`insert into word select 1 from pg_sleep(10)`).then(
    () => 'done',
    (error: unknown) => error,
  );
  const sleeping = sql`select pid from pg_stat_activity where query like 'insert into word%' and state = 'active'`;
  await expect.poll(() => database.read(sleeping)).toHaveLength(1);
  await postgres.restart();
  expect(await sent).toMatchObject({ faultCode: 'database_unreachable', reason: expect.stringMatching(/./) });
  expect(await database.read(sql`select id from word`)).toEqual([]);
  expect(await database.read(sleeping)).toEqual([]);
});
