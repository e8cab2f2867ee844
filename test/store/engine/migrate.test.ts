import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionId } from '../../../src/domain/connection.js';
import { type Viewer, viewerOf } from '../../../src/domain/viewer.js';
import { placeOf } from '../../../src/store/connections/connection-row.js';
import type { Database, Run } from '../../../src/store/engine/database.js';
import { DatabaseHealth, GuardedDatabase } from '../../../src/store/engine/guarded-database.js';
import { migrate, statementFor, tablesIn, tablesOf } from '../../../src/store/engine/migrate.js';
import { migrations } from '../../../src/store/engine/migrations.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { type Query, sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { openStores } from '../../../src/store/open-stores.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { TokenSealer } from '../../../src/store/sealing/token-set.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';
import { TestClock } from '../../support/test-clock.js';
import { ada, connect, keyRing, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';

/** What holds of the schema on every engine; `raw` opens the database without bringing it forward. */
const migratesOn = (
  newUrl: () => Promise<string>,
  raw: (url: string) => Promise<Database>,
  { processes, rounds }: { readonly processes: number; readonly rounds: number },
): void => {
  const open = (url: string) => openStores({ url, keys: keyRing('k'), clock: new TestClock() });

  it(`is made once when ${processes} are opened at once`, async () => {
    // What can go wrong here goes wrong about one time in ten.
    for (let round = 0; round < rounds; round += 1) {
      const url = await newUrl();
      const all = await Promise.all(Array.from({ length: processes }, () => open(url)));
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

  it('has a started flow as servers of earlier versions read it', async () => {
    const url = await newUrl();
    const stores = await open(url);
    await stores.flows.create(newFlow('f'));
    expect(await stores.flows.byId('f')).toMatchObject({ status: 'started' });
    await stores.close();
    const database = await raw(url);
    expect(await database.read(sql`select status from flow`)).toEqual([{ status: 'begun' }]);
    await database.close();
  });

  const ofTheFirstSchema = async (url: string, fill: (run: Run) => Promise<unknown>): Promise<void> => {
    const database = await raw(url);
    await database.exclusive('schema', async (run) => {
      await run(sql`create table migration (version bigint primary key)`);
      for (const step of migrations[0] ?? []) await run(statementFor(step, database.dialect));
      await run(sql`insert into migration (version) values (1)`);
      await fill(run);
    });
    await database.close();
  };
  const connectionOf = (id: string, viewer: Viewer, tokens: string | null): Query => sql`
    insert into connection (id, viewer, provider, client_id, scopes, status, generation, version, flow,
      flow_started_at, granted_at, created_at, last_used_at, tokens)
    values (${id}, ${viewer.id}, 'mingle', 'c', '[]', ${tokens === null ? 'reconnect' : 'active'}, 1, 7, 'f',
      1, 1, 1, 1, ${tokens})`;

  it('keeps what the first schema held, and it goes on to be used', async () => {
    const url = await newUrl();
    const place = { flow: 'f', viewer: ada, provider: 'mingle', version: 7 };
    const tokens = new TokenSealer(new Sealer(keyRing('k'))).seal(tokenSet('old'), placeOf(place));
    await ofTheFirstSchema(url, async (run) => {
      await run(connectionOf('c', ada, tokens));
      await run(sql`
        insert into flow (id, viewer, profile, gadget, provider, intent, mode, status, scopes, client_id, ticket_hash,
          ticket_expires_at, started_at, expires_at)
        values ('g', ${ada.id}, '{"name":null,"email":null}', 'cards', 'github', 'connect', 'opener', 'begun', '[]',
          'c', 'hash', ${NOW + 1000}, 1, ${NOW + 1000})`);
      await run(sql`
        insert into frame_lease values ('t', ${NOW}, 's', 'bearer', ${ada.id}, '{"name":null,"email":null}',
          'cards', '{}', '{}', 'en', 'UTC', 1, ${NOW + 1000})`);
      await run(sql`insert into ticket values ('hash', ${ada.id}, '"Ada"', ${NOW + 1000})`);
      await run(sql`insert into client_stop values ('key', 'mingle', 1)`);
    });
    const stores = await open(url);
    const found = await stores.connections.find(ada, 'mingle');
    expect(revealed(found && (await stores.connections.tokens(found)))?.accessToken).toBe('access-old');
    expect(
      await stores.flows.open({ ticketHash: 'hash', modes: ['opener'], nonceHash: 'n', now: NOW }),
    ).toMatchObject({ id: 'g', vouchedFor: null, code: null });
    expect(await stores.frameSessions.byBearer('bearer')).toMatchObject({ viewer: ada });
    expect(await stores.tickets.take('hash', NOW)).toEqual({ viewer: ada, name: 'Ada' });
    expect(await stores.clientStops.isStopped('key')).toBe(true);
    const leaver = { kind: 'host', host: 'gocd' } as const;
    const bulkDisconnect = await stores.bulkDisconnects.start({
      id: 'd',
      leaver,
      startedAt: NOW,
      startedBy: 'ann',
    });
    expect(bulkDisconnect.total).toBe(1);
    await stores.connections.remove('c' as ConnectionId, 'revoked');
    expect(await stores.bulkDisconnects.byId('d')).toMatchObject({ revoked: 1 });
    await stores.close();
  });

  it('finds the hosts of Connections that were made before it could', async () => {
    const url = await newUrl();
    await ofTheFirstSchema(url, async (run) => {
      for (const viewer of [
        viewerOf('a', 'b","c'),
        viewerOf('gocd-2', '"'),
        viewerOf('g'.repeat(63), 'gocd'),
      ])
        await run(connectionOf(`c-${viewer.host}`, viewer, null));
    });
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
    await expect(open(url)).rejects.toMatchObject({
      fault: 'newer',
      reason: expect.stringMatching(/newer version that wrote it, or restore a backup/),
    });
    await expect(running.ping()).rejects.toMatchObject({ fault: 'newer' });
    await database.close();
    await running.close();
  });

  it('stays as it was when a migration fails half way', async () => {
    const url = await newUrl();
    await ofTheFirstSchema(url, (run) => run(sql`create table audit_entry (id text)`));
    const database = await raw(url);
    await expect(migrate(database)).rejects.toThrow(/audit_entry/);
    await expect(database.read(sql`select id from departure`)).rejects.toThrow(/departure/);
    await database.write(sql`drop table audit_entry`);
    await migrate(database);
    expect(await database.read(sql`select id from departure`)).toEqual([]);
    await database.close();
  });

  it('is moved by a server alone: who takes it as it is says which way it differs, and changes nothing', async () => {
    const url = await newUrl();
    const asItIs = () => openStores({ url, keys: keyRing('k'), clock: new TestClock(), schema: 'as-it-is' });
    await expect(asItIs()).rejects.toMatchObject({ fault: 'not_made' });
    await ofTheFirstSchema(url, async () => undefined);
    await expect(asItIs()).rejects.toMatchObject({ fault: 'older' });
    const database = await raw(url);
    expect(await database.read(sql`select version from migration`)).toEqual([{ version: 1 }]);
    await database.close();
    await (await open(url)).close();
    await (await asItIs()).close();
  });

  it.each([
    ['nothing but the table of its versions', (name: string) => name !== 'migration'],
    ['all but the table of its versions', (name: string) => name === 'migration'],
    ['all but one table that the first schema had', (name: string) => name === 'web_session'],
    ['all but one table that came later', (name: string) => name === 'invitation'],
  ])('is refused with %s, by a server and by a command, and nothing is changed', async (_, isMissing) => {
    const url = await newUrl();
    await (await open(url)).close();
    const database = await raw(url);
    const before = await tablesIn(database.read, database);
    for (const table of before.filter(isMissing)) {
      const cascade = database.dialect === 'postgres' ? ' cascade' : '';
      await database.write({ texts: [`drop table ${table}${cascade}`], values: [] });
    }
    const left = await tablesIn(database.read, database);
    expect(left.toSorted()).toEqual(before.filter((name) => !isMissing(name)).toSorted());
    for (const schema of ['ours', 'as-it-is'] as const)
      await expect(
        openStores({ url, keys: keyRing('k'), clock: new TestClock(), schema }),
      ).rejects.toMatchObject({ fault: 'foreign', reason: expect.stringContaining(database.name) });
    expect((await tablesIn(database.read, database)).toSorted()).toEqual(left.toSorted());
    await database.close();
  });

  it('has the tables of each version that are looked for in it', async () => {
    const database = await raw(await newUrl());
    await migrate(database);
    const all = await tablesIn(database.read, database);
    expect(tablesOf(migrations.length, database.dialect).toSorted()).toEqual(all.toSorted());
    expect(tablesOf(1, database.dialect)).not.toContain('invitation');
    await database.close();
  });

  it('keeps a server from writing once a newer one moved it, and lets it read on', async () => {
    const url = await newUrl();
    const opened = await raw(url);
    await migrate(opened);
    const lines: string[] = [];
    const journal = {
      note: () => {},
      warn: (event: string, { code }: { code?: unknown }) => void lines.push(`${event} ${code}`),
    };
    let now = 0;
    const health = new DatabaseHealth(journal, () => now);
    const database = new GuardedDatabase(opened, health, () => now);
    const put = (hash: string) => database.write(sql`insert into ticket values (${hash}, 'v', 'n', 1)`);
    await put('before');
    await opened.write(sql`insert into migration (version) values (${migrations.length + 1})`);
    now = 1000;
    await expect(put('after')).rejects.toMatchObject({ fault: 'newer' });
    await expect(database.exclusive('schema', async () => undefined)).rejects.toMatchObject({
      fault: 'newer',
    });
    expect(await database.read(sql`select ticket_hash from ticket`)).toEqual([{ ticket_hash: 'before' }]);
    expect(health.trouble()?.faultCode).toBe('database_newer');
    expect(lines).toEqual(['database-unavailable database_newer']);
    await opened.close();
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
    // Each that waits for a file takes one of the few threads of this process: ten are tried in processes of their own, beside the command.
    { processes: 3, rounds: 40 },
  );
});

describe('the schema in PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  migratesOn(
    () => postgres.empty(),
    async (url) => openPostgres(url),
    { processes: 10, rounds: 3 },
  );
});

describe('the name of a database', () => {
  it('is refused when no engine goes by it', async () => {
    const options = { keys: keyRing('k'), clock: new TestClock() };
    await expect(openStores({ ...options, url: 'mysql://x' })).rejects.toThrow(/sqlite:FILE/);
  });
});
