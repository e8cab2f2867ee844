import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database, Run } from '../../../src/store/engine/database.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';

describe('PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });

  it.each(['exclusive', 'snapshot'] as const)(
    'may end a connection in the middle of an %s transaction: that fails, and nothing else does',
    async (kind) => {
      const url = await postgres.empty();
      const database = openPostgres(url);
      const other = openPostgres(url);
      const cut = async (run: Run): Promise<void> => {
        const [row] = await run(sql`select pg_backend_pid() as pid`);
        await other.write(sql`select pg_terminate_backend(${row?.pid ?? null}::int)`);
        // The news must arrive while the transaction asks nothing.
        await new Promise((resolve) => setTimeout(resolve, 100));
        await run(sql`select 1 as one`);
      };
      await expect((database as Database)[kind](cut)).rejects.toThrow();
      expect(await database.read(sql`select 2 as two`)).toEqual([{ two: 2 }]);
      await database.close();
      await other.close();
    },
  );

  it('lets no statement see half of what another does, as SQLite by nature', async () => {
    const database = openPostgres(await postgres.empty());
    const isolation = sql`select current_setting('transaction_isolation') as level`;
    expect(await database.read(isolation)).toEqual([{ level: 'serializable' }]);
    expect(await database.write(isolation)).toEqual([{ level: 'serializable' }]);
    expect(await database.exclusive((run) => run(isolation))).toEqual([{ level: 'read committed' }]);
    await database.close();
  });

  it('retries a transaction that it ended to resolve a deadlock', async () => {
    const url = await postgres.empty();
    const database = openPostgres(url);
    await database.write(sql`create table word (id bigint primary key, times bigint not null)`);
    await database.write(sql`insert into word values (1, 0), (2, 0)`);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    const others = (id: number) => other.query('update word set times = times + 10 where id = $1', [id]);
    // The one whose time is over first is ended: ours, and not before the other waits too.
    await other.query("set deadlock_timeout = '60s'");
    await other.query('begin');
    await others(2);
    let attempts = 0;
    let meeting: Promise<unknown> = Promise.resolve();
    await database.exclusive(async (run) => {
      attempts += 1;
      await run(sql`set local deadlock_timeout = '4s'`);
      await run(sql`update word set times = times + 1 where id = 1`);
      if (attempts === 1)
        meeting = expect
          .poll(async () => (await other.query('select 1 from pg_locks where not granted')).rowCount)
          .toBe(1)
          .then(async () => {
            await others(1);
            await other.query('commit');
          });
      await run(sql`update word set times = times + 1 where id = 2`);
    });
    await meeting;
    await other.end();
    expect(attempts).toBe(2);
    expect(await database.read(sql`select times from word`)).toEqual([{ times: 11 }, { times: 11 }]);
    await database.close();
  });
});
