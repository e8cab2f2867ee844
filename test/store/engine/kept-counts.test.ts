import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewerOf } from '../../../src/domain/viewer.js';
import { ConnectionLists } from '../../../src/store/connections/connection-lists.js';
import { ConnectionStore } from '../../../src/store/connections/connection-store.js';
import type { Database } from '../../../src/store/engine/database.js';
import { migrate, statementFor } from '../../../src/store/engine/migrate.js';
import { migrations } from '../../../src/store/engine/migrations.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { FlowStore } from '../../../src/store/flows/flow-store.js';
import { ResealStore } from '../../../src/store/sealing/reseal.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { SEALED } from '../../../src/store/sealing/sealed-columns.js';
import { TokenSealer } from '../../../src/store/sealing/token-set.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';
import { ada, connect, keyRing, NOW, newFlow } from '../fixtures.js';

/** What the kept counts must come to: everything counted row by row. */
const counted = async (database: Database) => {
  const connections = await database.read(sql`
    select provider, host, status, reason, count(*) as count from connection
    group by provider, host, status, reason order by 1, 2, 3, 4`);
  const keys = new Map<string, number>();
  for (const { table, column } of SEALED) {
    const statement = {
      texts: [`select ${column} as sealed from ${table} where ${column} is not null`],
      values: [],
    };
    for (const { sealed } of await database.read(statement)) {
      const [key = ''] = String(sealed).split('.', 1);
      keys.set(key, (keys.get(key) ?? 0) + 1);
    }
  }
  return {
    connections: connections.map((row) => ({ ...row, host: JSON.parse(String(row.host)) })),
    keys: [...keys].map(([key, rows]) => ({ key, rows })).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };
};

const keepsCountsOn = (open: () => Promise<Database>): void => {
  const kept = async (database: Database, seals = new Sealer(keyRing('k'))) => ({
    connections: (await new ConnectionLists(database).counts()).toSorted((a, b) =>
      JSON.stringify([a.provider, a.host, a.status, a.reason]) <
      JSON.stringify([b.provider, b.host, b.status, b.reason])
        ? -1
        : 1,
    ),
    keys: (await new ResealStore(database, seals).counts()).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  });

  it('are read where they are kept: no counted row is looked at', async () => {
    const database = await open();
    await migrate(database);
    const lists = new ConnectionLists(database);
    const keys = () => new ResealStore(database, new Sealer(keyRing('k'))).counts();
    const stores = {
      connections: new ConnectionStore(database, new TokenSealer(new Sealer(keyRing('k')))),
      flows: new FlowStore(database, new Sealer(keyRing('k'))),
    } as never;
    await connect(stores, newFlow('f'));
    expect((await lists.counts()).map(({ count }) => count)).toEqual([1]);
    await database.write(sql`update kept_count set delta = delta + 99 where kind = 'connection'`);
    expect((await lists.counts()).map(({ count }) => count)).toEqual([100]);
    const [{ rows = 0 } = {}] = await keys();
    expect(rows).toBeGreaterThan(0);
    await database.write(sql`insert into kept_count (kind, name, delta) values ('sealed', 'k', 99)`);
    expect(await keys()).toEqual([{ key: 'k', rows: rows + 99 }]);
    await database.close();
  });

  it('are those of every row, whatever becomes of it, before and after they are added up', async () => {
    const database = await open();
    await migrate(database);
    const old = new Sealer(keyRing('k'));
    const connections = new ConnectionStore(database, new TokenSealer(old));
    const stores = { connections, flows: new FlowStore(database, old) } as never;
    const made = [];
    for (const n of [1, 2, 3, 4, 5])
      made.push(
        await connect(
          stores,
          newFlow(`f${n}`, { viewer: n < 4 ? viewerOf('gocd', `v${n}`) : viewerOf('wiki', `v${n}`) }),
        ),
      );
    const [one, two, three] = made;
    if (one === undefined || two === undefined || three === undefined) throw new Error('nothing was made');
    await connections.expire(one, 'revoked');
    await connections.retire(two, NOW);
    await connections.remove(two.id, 'revoked');
    await connections.claim(three, 'me', NOW, NOW + 1);
    const added = new Sealer(keyRing('n', 'k'));
    const reseal = new ResealStore(database, added);
    for (let next = (await reseal.step(null, 2, false)).next; next !== null; )
      next = (await reseal.step(next, 2, false)).next;
    const truth = await counted(database);
    expect(truth.connections).toHaveLength(3);
    expect(truth.keys.map(({ key }) => key)).toContain('n');
    expect(await kept(database, added)).toEqual(truth);
    for (let n = 0; n < 600; n += 1)
      await database.write(
        sql`update connection set status = ${n % 2 === 0 ? 'active' : 'reconnect'} where id = ${one.id}`,
      );
    await new ConnectionLists(database).addUp();
    expect(Number((await database.read(sql`select count(*) as n from kept_count`))[0]?.n)).toBeLessThan(12);
    expect(await kept(database, added)).toEqual(await counted(database));
    await database.close();
  }, 60_000);

  it('start with what was there before they were kept', async () => {
    const database = await open();
    await database.exclusive('counts', async (run) => {
      await run(sql`create table migration (version bigint primary key)`);
      for (const [n, steps] of migrations.slice(0, 3).entries()) {
        for (const step of steps) await run(statementFor(step, database.dialect));
        await run(sql`insert into migration (version) values (${n + 1})`);
      }
      for (const id of ['a', 'b'])
        await run(sql`
          insert into connection (id, viewer, host, provider, client_id, scopes, status, generation, version, flow,
            flow_started_at, granted_at, created_at, last_used_at, tokens)
          values (${id}, ${`${ada.id}${id}`}, '"gocd"', 'mingle', 'c', '[]', 'active', 1, 1, 'f', 1, 1, 1, 1, 'k.x')`);
    });
    await migrate(database);
    expect(await kept(database)).toEqual(await counted(database));
    await database.close();
  });
};

describe('Kept counts in a SQLite file', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-counts-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  keepsCountsOn(() => {
    files += 1;
    return openSqlite(join(folder, `${files}.db`));
  });
});

describe('Kept counts in PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  keepsCountsOn(async () => openPostgres(await postgres.empty()));
});
