import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBackupHead, readBackupRows } from '../../../src/admin/server/backup-file.js';
import { writeBackup } from '../../../src/admin/server/commands.js';
import { Archive, type Restoring } from '../../../src/store/backup/archive.js';
import { ARCHIVED, NOT_ARCHIVED } from '../../../src/store/backup/archive-tables.js';
import { restoreInto } from '../../../src/store/backup/restore.js';
import type { Database } from '../../../src/store/engine/database.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { openStores } from '../../../src/store/open-stores.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { BACKUP, openStream, sealStream } from '../../../src/store/sealing/sealed-stream.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';
import { replacing } from '../../support/replacing.js';
import { TestClock } from '../../support/test-clock.js';
import { ada, connect, keyRing, NOW, newFlow, revealed } from '../fixtures.js';

let folder: string;
let postgres: Postgres;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oriel-archive-'));
  postgres = await sharedPostgres();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const engines = {
  SQLite: {
    url: async () => {
      files += 1;
      return `sqlite:${join(folder, `${files}.db`)}`;
    },
    raw: (url: string) => openSqlite(url.slice('sqlite:'.length)),
  },
  PostgreSQL: { url: () => postgres.empty(), raw: async (url: string) => openPostgres(url) },
};
type Engine = (typeof engines)[keyof typeof engines];

const ring = new Sealer(keyRing('k'));
const restoring = (replace: boolean): Restoring => ({ replace, keepApiKeys: false, now: NOW });

/** The lines of a backup, opened. */
const linesIn = async (file: string): Promise<readonly string[]> => {
  const parts: Buffer[] = [];
  for await (const part of openStream(createReadStream(file), ring, BACKUP)) parts.push(part);
  return gunzipSync(Buffer.concat(parts)).toString().trimEnd().split('\n');
};

const open = (url: string) => openStores({ url, keys: keyRing('k'), clock: new TestClock() });
const fileName = (): string => {
  files += 1;
  return join(folder, `${files}.backup`);
};

/** Some readers of lines end one here, where a text goes on. */
const SEPARATORS = 'x\u2028y\u2029z\u0085';

/** A database with one Connection in it, backed up. */
const backedUp = async (engine: Engine) => {
  const url = await engine.url();
  const stores = await open(url);
  const connection = await connect(stores, newFlow('f'), { account: SEPARATORS });
  const database = await engine.raw(url);
  const file = fileName();
  const summary = await writeBackup(file, new Archive(database, ring), NOW);
  return { stores, connection, database, file, summary };
};

const restored = async (engine: Engine, file: string, replace = false) => {
  const url = await engine.url();
  const stores = await open(url);
  const database = await engine.raw(url);
  const { rows } = await restoreInto(
    database,
    await readBackupHead(file, ring),
    () => readBackupRows(file, ring),
    restoring(replace),
  );
  return { stores, database, rows };
};

const shut = async (...open: readonly { close(): Promise<void> }[]): Promise<void> => {
  for (const each of open) await each.close();
};

describe.each(Object.keys(engines) as (keyof typeof engines)[])('A backup of %s', (from) => {
  it.each(Object.keys(engines) as (keyof typeof engines)[])(
    'is restored into %s with its tokens',
    async (into) => {
      const before = await backedUp(engines[from]);
      const after = await restored(engines[into], before.file);
      expect(after.rows).toMatchObject({ connection: 1, flow: 1 });
      const connection = await after.stores.connections.find(ada, 'mingle');
      expect(connection).toEqual(before.connection);
      expect(revealed(await after.stores.connections.tokens(before.connection))).toEqual(
        revealed(await before.stores.connections.tokens(before.connection)),
      );
      await shut(before.stores, before.database, after.stores, after.database);
    },
  );

  it('is of one moment, whatever is written while it is read', async () => {
    const { stores, database } = await backedUp(engines[from]);
    const seen: string[] = [];
    for await (const { table, row } of new Archive(database, ring).rows()) {
      if (seen.length === 0) {
        await connect(stores, newFlow('later', { provider: 'other' }));
        await stores.clientStops.stop('mingle', 'key', NOW);
      }
      seen.push(`${table} ${row.id ?? ''}`);
    }
    expect(seen.some((each) => each.includes('later') || each.includes('client_stop'))).toBe(false);
    await shut(stores, database);
  });

  it('names every table there is, as kept or as left out', async () => {
    const { stores, database } = await backedUp(engines[from]);
    const rows = await database.read(
      from === 'SQLite'
        ? sql`select name from sqlite_master where type = 'table' order by name`
        : sql`select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    );
    // Jobs are in a schema of their own there.
    const known = [...ARCHIVED.map(({ table }) => table), ...NOT_ARCHIVED]
      .filter((table) => from === 'SQLite' || table !== 'job')
      .toSorted();
    expect(rows.map(({ name }) => name).toSorted()).toEqual(known);
    await shut(stores, database);
  });

  it('is refused where something is already, unless it may be replaced', async () => {
    const { stores, database, file, connection } = await backedUp(engines[from]);
    await stores.connections.remove(connection.id, 'revoked');
    await connect(stores, newFlow('newer', { provider: 'other' }));
    const head = await readBackupHead(file, ring);
    await expect(
      restoreInto(database, head, () => readBackupRows(file, ring), restoring(false)),
    ).rejects.toThrow(/not empty/);
    expect(await stores.connections.find(ada, 'other')).not.toBeNull();
    await restoreInto(database, head, () => readBackupRows(file, ring), restoring(true));
    expect(await tableOf(database, 'connection')).toEqual([connection.id]);
    await shut(stores, database);
  });
});

describe.each(Object.keys(engines) as (keyof typeof engines)[])('Restored into %s', (into) => {
  it('no one is signed in, keys are revoked, consents have ended, and the administrators in it are listed', async () => {
    const engine = engines.SQLite;
    const before = await backedUp(engine);
    await before.stores.admins.inviteFirst({ tokenHash: 'first', expiresAt: NOW + 1000 });
    await before.stores.admins.accept({
      tokenHash: 'first',
      id: 'a',
      name: 'Ruth',
      passwordHash: 'x',
      now: NOW,
    });
    const apiKey = {
      scopes: ['audit:read'] as const,
      createdAt: NOW,
      createdBy: 'Ruth',
      createdByAdmin: 'a',
    };
    for (const [id, expiresAt] of [
      ['good', NOW + 10_000],
      ['gone', NOW + 10_000],
      ['old', NOW],
    ] as const)
      await before.stores.apiKeys.create({ ...apiKey, id, name: id, secretHash: `hash-${id}`, expiresAt });
    await before.stores.apiKeys.revoke('gone', NOW);
    await writeBackup(before.file, new Archive(before.database, ring), NOW);

    const url = await engines[into].url();
    const stores = await open(url);
    await stores.webSessions.set('s', '{}', NOW + 10_000);
    await stores.admins.inviteFirst({ tokenHash: 'link', expiresAt: NOW + 10_000 });
    const database = await engines[into].raw(url);
    const head = await readBackupHead(before.file, ring);
    expect(head.sealedBy).toBe('k');
    const restore = (keepApiKeys: boolean) =>
      restoreInto(database, head, () => readBackupRows(before.file, ring), {
        replace: true,
        keepApiKeys,
        now: NOW,
      });
    const found = await restore(false);
    expect(found.administrators).toEqual([{ id: 'a', name: 'Ruth', hasPassword: true, lastSignInAt: null }]);
    expect(found.apiKeys).toEqual([{ id: 'good', name: 'good', scopes: ['audit:read'], revoked: true }]);
    expect((await stores.apiKeys.byHash('hash-good'))?.revokedAt).toBe(NOW);
    expect(await stores.webSessions.get('s', NOW)).toBeNull();
    expect(await stores.admins.invitation('link', NOW)).toBeNull();
    const flows = await database.read(sql`select id from flow where expires_at > ${NOW}`);
    expect(flows).toEqual([]);

    expect((await restore(true)).apiKeys).toMatchObject([{ id: 'good', revoked: false }]);
    expect((await stores.apiKeys.byHash('hash-good'))?.revokedAt).toBeNull();
    await shut(before.stores, before.database, stores, database);
  });
});

const tableOf = async (database: Database, _table: 'connection'): Promise<readonly unknown[]> =>
  (await database.read(sql`select id from connection`)).map(({ id }) => id);

describe('A damaged backup', () => {
  const damages: Readonly<Record<string, (lines: readonly string[]) => readonly string[]>> = {
    'a changed row': (lines) => lines.map((line) => line.replace('"mingle"', '"mangle"')),
    'a missing row': (lines) => [...lines.slice(0, 1), ...lines.slice(2)],
    'a missing end': (lines) => lines.slice(0, -1),
    'rows of another table': (lines) => [
      ...lines.slice(0, 1),
      '["sqlite_master",{"a":1}]',
      ...lines.slice(1),
    ],
    'a column that is none': (lines) => [...lines.slice(0, 1), '["flow",{"id) --":1}]', ...lines.slice(1)],
    'no backup': () => ['hello'],
  };

  it.each(Object.keys(damages))('with %s changes nothing', async (name) => {
    const { stores, database, file, connection } = await backedUp(engines.SQLite);
    const lines = await linesIn(file);
    await writeFile(file, gzipSync(`${(damages[name]?.(lines) ?? []).join('\n')}\n`));
    const trying = async () =>
      restoreInto(
        database,
        await readBackupHead(file, ring),
        () => readBackupRows(file, ring),
        restoring(true),
      );
    await expect(trying()).rejects.toThrow();
    expect(await tableOf(database, 'connection')).toEqual([connection.id]);
    await shut(stores, database);
  });

  it.each([
    [
      'of a table that no backup holds',
      { table: 'invitation', row: { token_hash: 'h', is_first: 1, expires_at: 2 * NOW } },
    ],
    ['of a column that has no name of ours', { table: 'flow', row: { 'id) select 1 --': 'f' } }],
  ])('whose sum is right, with a row %s, changes nothing', async (_, row) => {
    const { stores, database, file, connection } = await backedUp(engines.SQLite);
    const archive = new Archive(database, ring);
    const rows = async function* () {
      yield row;
      yield* archive.rows();
    };
    await writeBackup(file, replacing(archive, { rows }), NOW);
    const head = await readBackupHead(file, ring);
    const trying = restoreInto(database, head, () => readBackupRows(file, ring), restoring(true));
    await expect(trying).rejects.toThrow(/not of this product/);
    expect(await tableOf(database, 'connection')).toEqual([connection.id]);
    await shut(stores, database);
  });

  it('cut off in the middle says so', async () => {
    const { stores, database, file } = await backedUp(engines.SQLite);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 30));
    await expect(
      (async () => {
        for await (const _ of readBackupRows(file, ring));
      })(),
    ).rejects.toThrow(/not a complete backup/);
    await shut(stores, database);
  });

  it('is not restored into a database of a newer version, though it may be replaced', async () => {
    const { stores, database, file, connection } = await backedUp(engines.SQLite);
    await database.write(sql`insert into migration (version) values (99)`);
    const head = await readBackupHead(file, ring);
    await expect(
      restoreInto(database, head, () => readBackupRows(file, ring), restoring(true)),
    ).rejects.toMatchObject({ fault: 'newer' });
    expect(await tableOf(database, 'connection')).toEqual([connection.id]);
    await shut(stores, database);
  });

  it('of a newer version says which version is needed', async () => {
    const { stores, database, file } = await backedUp(engines.SQLite);
    const head = { ...(await readBackupHead(file, ring)), schema: 99 };
    await expect(
      restoreInto(database, head, () => readBackupRows(file, ring), restoring(true)),
    ).rejects.toThrow(/schema 99/);
    await shut(stores, database);
  });
});

it('A backup that cannot be written leaves nothing behind', async () => {
  const stores = await open('sqlite::memory:');
  const archive = {
    schema: 1,
    // biome-ignore lint/correctness/useYield: it fails before its first row.
    async *rows(): AsyncGenerator<never> {
      throw new Error('the disk is gone');
    },
    seal: (plain: AsyncIterable<Uint8Array>) => sealStream(plain, ring, BACKUP),
  };
  const file = fileName();
  await expect(writeBackup(file, archive, NOW)).rejects.toThrow('the disk is gone');
  await expect(readFile(`${file}.partial`)).rejects.toThrow(/ENOENT/);
  await stores.close();
});
