import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Database } from '../../../src/store/engine/database.js';
import { migrate } from '../../../src/store/engine/migrate.js';
import { migrations } from '../../../src/store/engine/migrations.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { openStores } from '../../../src/store/open-stores.js';
import { type Postgres, startPostgres } from '../../support/postgres.js';
import { ada, connect, keyRing, newFlow, StillClock } from '../fixtures.js';

/** What holds of the schema on every engine; `raw` opens the database without bringing it forward. */
const migratesOn = (
  newUrl: () => Promise<string>,
  raw: (url: string) => Promise<Database>,
  rounds: number,
): void => {
  const open = (url: string) => openStores({ url, keys: keyRing('k'), clock: new StillClock() });

  it('is made once when several are opened at once', async () => {
    // What can go wrong here goes wrong about one time in ten.
    for (let round = 0; round < rounds; round += 1) {
      const url = await newUrl();
      const all = await Promise.all([open(url), open(url), open(url)]);
      for (const stores of all) await stores.ping();
      for (const stores of all) await stores.close();
      const database = await raw(url);
      const rows = await database.read(sql`select version from migration order by version`);
      expect(rows).toEqual(migrations.map((_, n) => ({ version: n + 1 })));
      await database.close();
    }
  });

  it('is left as it is, with all that is in it, when it is ours already', async () => {
    const url = await newUrl();
    const before = await open(url);
    const connection = await connect(before, newFlow('f'));
    await before.close();
    const after = await open(url);
    expect(await after.connections.find(ada, 'mingle')).toEqual(connection);
    await after.close();
  });

  it('finds the hosts of Connections that were made before it could', async () => {
    const url = await newUrl();
    const database = await raw(url);
    await database.exclusive(async (run) => {
      await run(sql`create table migration (version bigint primary key)`);
      for (const statement of migrations[0] ?? []) await run(statement);
      await run(sql`insert into migration (version) values (1)`);
      for (const viewer of [
        viewerOf('a', 'b","c'),
        viewerOf('gocd-2', '"'),
        viewerOf('g'.repeat(63), 'gocd'),
      ])
        await run(sql`
          insert into connection (id, viewer, provider, client_id, scopes, status, generation, version, flow,
            flow_started_at, granted_at, created_at, last_used_at)
          values (${`c-${viewer.host}`}, ${viewer.id}, 'mingle', 'c', '[]', 'reconnect', 1, 1, 'f', 1, 1, 1, 1)`);
    });
    await database.close();
    const stores = await open(url);
    for (const host of ['a', 'gocd-2', 'g'.repeat(63), 'gocd']) {
      const found = await stores.connectionLists.page({ host }, { after: null, limit: 9 });
      expect(found.map(({ id }) => id)).toEqual(host === 'gocd' ? [] : [`c-${host}`]);
    }
    await stores.close();
  });

  it('is refused when a newer version made it, with what to do, and nothing is changed', async () => {
    const url = await newUrl();
    const running = await open(url);
    const database = await raw(url);
    await database.write(sql`insert into migration (version) values (${migrations.length + 1})`);
    await expect(open(url)).rejects.toThrow(/newer version that wrote it, or restore a backup/);
    await expect(running.ping()).rejects.toThrow(/newer version/);
    await database.close();
    await running.close();
  });

  it('stays as it was when a migration fails half way', async () => {
    const url = await newUrl();
    const database = await raw(url);
    await database.write(sql`create table ticket (id text)`);
    await expect(migrate(database)).rejects.toThrow(/ticket/);
    await expect(database.read(sql`select id from flow`)).rejects.toThrow(/flow/);
    await database.write(sql`drop table ticket`);
    await migrate(database);
    expect(await database.read(sql`select id from flow`)).toEqual([]);
    await database.close();
  });
};

describe('the schema in a SQLite file', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-store-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  migratesOn(
    async () => {
      files += 1;
      return `sqlite:${join(folder, `${files}.db`)}`;
    },
    (url) => openSqlite(url.slice('sqlite:'.length)),
    40,
  );
});

describe('the schema in PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  migratesOn(
    () => postgres.database(),
    async (url) => openPostgres(url),
    3,
  );
});

describe('the name of a database', () => {
  it('is refused when no engine goes by it', async () => {
    const options = { keys: keyRing('k'), clock: new StillClock() };
    await expect(openStores({ ...options, url: 'mysql://x' })).rejects.toThrow(/sqlite:FILE/);
  });
});
