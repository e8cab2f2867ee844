import pg from 'pg';
import { expect, it } from 'vitest';
import { sharedPostgres } from './postgres.js';

const connected = async (connectionString: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
};

it('a renewed database is as it was at first, and nothing of who used a connection goes on to the next', async () => {
  const postgres = await sharedPostgres();
  const url = await postgres.renewed();
  const [one, other] = [await connected(url), await connected(url)];
  const process = async (client: pg.Client) =>
    (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
  const before = await process(one);
  const write = (client: pg.Client, kind: string) =>
    client.query('insert into change (kind, subject, at) values ($1, $1, 1) returning seq', [kind]);
  expect((await write(one, 'a')).rows).toEqual([{ seq: '1' }]);
  await one.query('update setup_revision set revision = 7');
  await one.query("set timezone = 'Asia/Tokyo'");
  await one.query('select pg_advisory_lock(1)');
  await other.query('begin');
  await write(other, 'b');
  await one.end();
  await other.end();

  expect(await postgres.renewed()).toBe(url);
  const next = await connected(url);
  const found = await next.query(
    `select (select count(*) from change) as changes, (select revision from setup_revision) as revision,
      current_setting('timezone') = 'Asia/Tokyo' as abroad, pg_try_advisory_lock(1) as free`,
  );
  expect(await process(next)).toBe(before);
  expect(found.rows).toEqual([{ changes: '0', revision: '0', abroad: false, free: true }]);
  expect((await write(next, 'c')).rows).toEqual([{ seq: '1' }]);
  await next.end();
});
