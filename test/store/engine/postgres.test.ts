import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database, Run } from '../../../src/store/engine/database.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';

const SELF = sql`select pg_backend_pid() as pid`;

describe('PostgreSQL', () => {
  let postgres: Postgres;
  let url: string;
  let database: Database;
  let opened: Database[];
  const open = (limits = {}): Database => {
    const made = openPostgres(url, limits);
    opened.push(made);
    return made;
  };
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  beforeEach(async () => {
    url = await postgres.empty();
    opened = [];
    database = open();
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
  });

  const cutting = (run: Run) => async (): Promise<void> => {
    const [row] = await run(SELF);
    await open().write(sql`select pg_terminate_backend(${row?.pid ?? null}::int)`);
    // The news must arrive while the transaction asks nothing.
    await pause(100);
  };

  it.each(['exclusive', 'snapshot'] as const)(
    'may end a connection in the middle of an %s transaction: it is started again',
    async (kind) => {
      let attempts = 0;
      const work = async (run: Run) => {
        attempts += 1;
        if (attempts === 1) await cutting(run)();
        return run(sql`select 1 as one`);
      };
      const done = kind === 'exclusive' ? database.exclusive('schema', work) : database.snapshot(work);
      expect(await done).toEqual([{ one: 1 }]);
      expect(attempts).toBe(2);
    },
  );

  it('asks again for what a lost connection was to read', async () => {
    const other = open();
    const reading = database.read(sql`select 1 as one from pg_sleep(0.3)`);
    await expect
      .poll(() =>
        other.read(
          sql`select pid from pg_stat_activity where query like '%pg_sleep(0.3)%' and pid <> pg_backend_pid()`,
        ),
      )
      .toHaveLength(1);
    await other.write(sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where query like '%pg_sleep(0.3)%' and pid <> pg_backend_pid()`);
    expect(await reading).toEqual([{ one: 1 }]);
  });

  it('does not ask again for a change that was sent on a connection that was lost', async () => {
    const other = open();
    await database.write(sql`create table word (id bigint)`);
    const writing = expect(
      database.write(sql`insert into word select 1 from pg_sleep(0.3)`),
    ).rejects.toMatchObject({ faultCode: 'database_unreachable' });
    const busy = sql`query like '%insert into word%' and state = 'active' and pid <> pg_backend_pid()`;
    await expect.poll(() => other.read(sql`select pid from pg_stat_activity where ${busy}`)).toHaveLength(1);
    await other.write(sql`select pg_terminate_backend(pid) from pg_stat_activity where ${busy}`);
    await writing;
    expect(await database.read(sql`select id from word`)).toEqual([]);
  });

  it('keeps its connection when the server refuses a statement, alone or in a transaction', async () => {
    const one = open({ connections: 2 });
    await one.write(sql`create table word (id bigint primary key)`);
    await one.write(sql`insert into word values (1)`);
    const [{ pid } = {}] = await one.read(SELF);
    const again = sql`insert into word values (1)`;
    for (let times = 0; times < 20; times += 1) {
      await expect(one.write(again)).rejects.toMatchObject({ code: '23505' });
      const half = one.exclusive('schema', async (run) => {
        await run(sql`insert into word values (2)`);
        await run(again);
      });
      await expect(half).rejects.toMatchObject({ code: '23505' });
    }
    expect(await one.read(SELF)).toEqual([{ pid }]);
    // What was started is rolled back, and no transaction is left open.
    expect(await one.read(sql`select id from word`)).toEqual([{ id: 1 }]);
    const state = sql`select state from pg_stat_activity where pid = ${pid ?? null}::int`;
    expect(await database.read(state)).toEqual([{ state: 'idle' }]);
  });

  it('opens another one after its server ended it', async () => {
    const [{ pid } = {}] = await database.read(SELF);
    await expect(database.write(sql`select pg_terminate_backend(pg_backend_pid())`)).rejects.toThrow();
    const [{ pid: next } = {}] = await database.read(SELF);
    expect(next).not.toBe(pid);
  });

  it('runs each statement by itself, and transactions beside others', async () => {
    const isolation = sql`select current_setting('transaction_isolation') as level`;
    const committed = [{ level: 'read committed' }];
    expect(await database.read(isolation)).toEqual(committed);
    expect(await database.write(isolation)).toEqual(committed);
    expect(await database.exclusive('schema', (run) => run(isolation))).toEqual(committed);
    expect(await database.snapshot((run) => run(isolation))).toEqual([{ level: 'repeatable read' }]);
  });

  it('lets nothing of one purpose run beside another, and lets other purposes run', async () => {
    const other = open();
    await database.write(sql`create table word (id bigint)`);
    const fewer = sql`insert into word select 1 where (select count(*) from word) < 3 returning id`;
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? database : other).alone('viewer a', fewer)),
    );
    expect(made.flat()).toHaveLength(3);
    await database.exclusive('clients', async () => {
      // Would wait for ever if it were the same lock.
      await other.exclusive('counts', async () => undefined);
    });
  });

  it('keeps connections free while many wait for one lock', async () => {
    const small = open({ connections: 2 });
    let release = (): void => undefined;
    const isHeld = new Promise<void>((held) => {
      void database.exclusive('viewer a', async () => {
        held();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      });
    });
    await isHeld;
    const waiting = Array.from({ length: 10 }, () => small.alone('viewer a', sql`select 1 as one`));
    expect(await small.read(sql`select 2 as two`)).toEqual([{ two: 2 }]);
    release();
    expect((await Promise.all(waiting)).flat()).toHaveLength(10);
  });

  it('prepares a statement once, and again after its table was changed', async () => {
    const one = open({ connections: 1 });
    await one.write(sql`create table word (id bigint)`);
    await one.write(sql`insert into word values (1)`);
    const all = sql`select * from word where id = ${1}`;
    expect(await one.read(all)).toEqual([{ id: 1 }]);
    expect(
      await one.read(
        sql`select name from pg_prepared_statements where statement like '%from word%' and statement not like '%prepared%'`,
      ),
    ).toHaveLength(1);
    await database.write(sql`alter table word add column name text default 'a'`);
    expect(await one.read(all)).toEqual([{ id: 1, name: 'a' }]);
  });

  it('retries a transaction that it ended to resolve a deadlock', async () => {
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
    await database.exclusive('schema', async (run) => {
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
  });

  it.each<readonly [string, 'verify' | 'unverified', boolean, string | null, string]>([
    ['of the authority that is named', 'verify', true, 'oriel', 'localhost'],
    ['that no one vouches for, where any will do', 'unverified', false, 'oriel', 'localhost'],
    ['that no one vouches for', 'verify', false, null, 'localhost'],
    ['of another name', 'verify', true, null, '127.0.0.1'],
  ])('meets a server with a certificate %s', async (_, tls, isNamed, expected, host) => {
    const at = new URL(url);
    at.hostname = host;
    const address = {
      ...{ url: at.href, password: null, tls, connections: 2 },
      ca: isNamed ? postgres.certificate : null,
    };
    const database = openPostgres(address);
    opened.push(database);
    const asked = database.read(sql`
      select ssl, application_name as name from pg_stat_ssl join pg_stat_activity using (pid)
      where pid = pg_backend_pid()`);
    if (expected === null) await expect(asked).rejects.toMatchObject({ faultCode: 'database_untrusted' });
    else expect(await asked).toEqual([{ ssl: true, name: expected }]);
  });

  it('says so where TLS is wanted and the server has none', async () => {
    const plain = createServer((socket) => void socket.once('data', () => socket.end('N')));
    const port = await new Promise<number>((resolve) => {
      plain.listen(0, '127.0.0.1', () => resolve((plain.address() as AddressInfo).port));
    });
    const address = {
      url: `postgres://oriel@127.0.0.1:${port}/oriel`,
      password: null,
      tls: 'verify',
    } as const;
    const database = openPostgres({ ...address, ca: null, connections: 2 });
    await expect(database.read(sql`select 1`)).rejects.toMatchObject({
      faultCode: 'database_untrusted',
      reason: expect.stringContaining('`tls: off`'),
    });
    await database.close();
    plain.close();
  });

  it('gives up on a change that always loses to others, and says so', async () => {
    let attempts = 0;
    const losing = database.exclusive('schema', async (run) => {
      attempts += 1;
      await run(sql`do $$ begin raise exception 'no' using errcode = '40001'; end $$`);
    });
    await expect(losing).rejects.toMatchObject({ faultCode: 'database_contended' });
    expect(attempts).toBe(11);
  });

  it('tells who listens that another process noted something, also after the connection on which it listens was lost', async () => {
    let heard = 0;
    database.listen?.(() => {
      heard += 1;
    });
    // Once when it starts to listen.
    await expect.poll(() => heard).toBe(1);
    const other = open();
    await other.write(sql`notify oriel`);
    await expect.poll(() => heard).toBe(2);
    await other.write(sql`
      select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen oriel' and datname = current_database()`);
    await expect.poll(() => heard, { timeout: 5000 }).toBe(3);
    await other.write(sql`notify oriel`);
    await expect.poll(() => heard).toBe(4);
  });
});
