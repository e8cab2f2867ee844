import { verify } from '../audit/audit-verify.js';
import { DatabaseTrouble } from '../database-trouble.js';
import type { Database, Row, Run } from '../engine/database.js';
import type { DatabaseAddress } from '../engine/database-address.js';
import { keyIn, rowsAfter } from '../engine/key-order.js';
import { newerIn, schemaOf, statementFor, tablesIn } from '../engine/migrate.js';
import { migrations } from '../engine/migrations.js';
import { openDatabase } from '../engine/open-database.js';
import { integer, json, maybe, text } from '../engine/rows.js';
import { joined, type Query, raw, sql, type Value } from '../engine/sql.js';
import { type Place, Sealer } from '../sealing/seal.js';
import { SEALED } from '../sealing/sealed-columns.js';
import type { SealingKey } from '../sealing/sealing-key.js';
import type { ArchivedRow, ArchiveHead, Proof, RestoredAccess, Restoring } from './archive.js';
import { ARCHIVED, NOT_ARCHIVED } from './archive-tables.js';

const NAME = /^[a-z][a-z_]*$/;

const insert = ({ table, row }: ArchivedRow): Query => {
  const columns = Object.keys(row);
  if (!ARCHIVED.some((each) => each.table === table) || !columns.every((column) => NAME.test(column)))
    throw new Error(
      `The backup holds something that is not of this product: a row of “${table.slice(0, 40)}”.`,
    );
  return sql`
    insert into ${raw(table)} (${joined(columns.map(raw))})
    values (${joined(columns.map((column) => sql`${row[column] ?? null}`))})`;
};

/** How many rows a table has. */
export const count = async (run: Run, table: string): Promise<number> => {
  const [row] = await run(sql`select count(*) as count from ${raw(table)}`);
  return row === undefined ? 0 : integer(row, 'count');
};

/** Whether nothing was ever kept here; a database that a server only opened counts as empty. */
const isEmpty = async (run: Run, tables: readonly string[]): Promise<boolean> => {
  for (const { table } of ARCHIVED.filter((each) => tables.includes(each.table)))
    if (table !== 'setup_revision' && (await count(run, table)) > 0) return false;
  return true;
};

const migrateTo = async (
  run: Run,
  { dialect }: Database,
  [from, to]: readonly [number, number],
): Promise<void> => {
  for (let version = from; version < to; version += 1) {
    for (const step of migrations[version] ?? []) await run(statementFor(step, dialect));
    await run(sql`insert into migration (version) values (${version + 1})`);
  }
};

const startAgain = async (run: Run): Promise<void> => {
  // Backwards: no table goes before those that refer to it.
  for (const table of [...ARCHIVED.map(({ table }) => table), ...NOT_ARCHIVED].toReversed())
    await run(sql`drop table if exists ${raw(table)}`);
  await run(sql`create table migration (version bigint primary key)`);
};

/** Who comes back with a backup; API keys end, unless they are to be kept, and so does every consent that was under way. */
const admit = async (run: Run, { keepApiKeys, now }: Restoring): Promise<RestoredAccess> => {
  await run(sql`update flow set expires_at = ${now} where expires_at > ${now}`);
  const keys = await run(sql`
    select id, name, scopes from api_key where revoked_at is null and expires_at > ${now} order by created_at, id`);
  if (!keepApiKeys) await run(sql`update api_key set revoked_at = ${now} where revoked_at is null`);
  const people = await run(
    sql`select id, name, password_hash, last_sign_in_at from admin order by created_at, id`,
  );
  return {
    administrators: people.map((row) => ({
      id: text(row, 'id'),
      name: json<string>(row, 'name'),
      hasPassword: row.password_hash !== null,
      lastSignInAt: maybe(integer)(row, 'last_sign_in_at'),
    })),
    apiKeys: keys.map((row) => ({
      id: text(row, 'id'),
      name: json<string>(row, 'name'),
      scopes: json<readonly string[]>(row, 'scopes'),
      revoked: !keepApiKeys,
    })),
  };
};

/** Throws with what to do where the backup is of a newer version, or the database of one, or not empty and not to be replaced. */
const requireRoom = async (
  database: Database,
  run: Run,
  head: ArchiveHead,
  { replace }: Restoring,
): Promise<void> => {
  if (head.schema > migrations.length)
    throw new Error(
      `The backup has schema ${head.schema}; this version of Oriel knows ${migrations.length}. Restore it with the version that made it, or a newer one.`,
    );
  if ((await schemaOf(run, database)) > migrations.length) throw newerIn(database);
  if (!replace && !(await isEmpty(run, await tablesIn(run, database))))
    throw new Error(
      'The database is not empty. Name an empty one in `database`, or add --replace to lose what is in it.',
    );
};

/**
 * Puts a backup's rows in place of everything in `database`, in one transaction, and brings them forward to today's schema. No one is
 * signed in afterwards: sessions, frames, tickets and invitations are in no backup, and those of the database go with it. `read`
 * gives the rows one by one, and rejects when the backup turns out to be damaged: then nothing was changed. Throws a plain Error
 * with what to do when the backup is of a newer version, or when the database is not empty and `replace` is false.
 */
export const restoreInto = (
  database: Database,
  head: ArchiveHead,
  read: () => AsyncIterable<ArchivedRow>,
  restoring: Restoring,
): Promise<Pick<Proof, 'rows' | keyof RestoredAccess>> =>
  database.exclusive('schema', async (run) => {
    await requireRoom(database, run, head, restoring);
    await startAgain(run);
    await migrateTo(run, database, [0, head.schema]);
    // The one row that the schema itself makes; the backup has its own.
    if (head.schema > 1) await run(sql`delete from setup_revision`);
    const rows: Record<string, number> = {};
    for await (const each of read()) {
      await run(insert(each));
      rows[each.table] = (rows[each.table] ?? 0) + 1;
    }
    await migrateTo(run, database, [head.schema, migrations.length]);
    for (const [table, expected] of Object.entries(rows))
      if ((await count(run, table)) !== expected)
        throw new Error(`Not every row of ${table} could be restored.`);
    return { rows, ...(await admit(run, restoring)) };
  });

const PAGE = 500;

/** Opens every sealed value there is, to see whether the key ring fits what was written. */
export const openEverything = async (
  database: Database,
  keys: readonly SealingKey[],
): Promise<Pick<Proof, 'opened' | 'unopened'>> => {
  const seals = new Sealer(keys);
  let [opened, unopened] = [0, 0];
  const tryOut = (row: Row, column: string, place: (row: Row) => Place): void => {
    if (seals.open(text(row, column), place(row)) === null) unopened += 1;
    else opened += 1;
  };
  for (const { table, key, column, place } of SEALED) {
    let after: readonly Value[] | null = null;
    do {
      const rows: readonly Row[] = await database.read(
        rowsAfter({ table, key }, after, PAGE, sql`${raw(column)} is not null`),
      );
      for (const row of rows) tryOut(row, column, place);
      const last = rows.at(-1);
      after = last === undefined ? null : keyIn(last, { table, key });
    } while (after !== null);
  }
  return { opened, unopened };
};

/**
 * Which servers were seen on the database named by `url` since then; none where there is no database yet. Nothing is changed, whatever
 * schema it has.
 */
export const serversOn = async (url: DatabaseAddress, since: number): Promise<readonly string[]> => {
  try {
    const database = await openDatabase(url, { create: false });
    try {
      if (!(await tablesIn(database.read, database)).includes('instance')) return [];
      const rows = await database.read(sql`select id from instance where seen_at >= ${since}`);
      return rows.map((row) => text(row, 'id'));
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof DatabaseTrouble && error.fault === 'not_made') return [];
    throw error;
  }
};

/**
 * Puts a backup in place of what is in the database named by `url`, and proves that what was restored can be used. Throws as
 * `restoreInto` does, changing nothing then.
 */
export const restoreStores = async (
  { url, keys }: { readonly url: DatabaseAddress; readonly keys: readonly SealingKey[] },
  backup: { readonly head: ArchiveHead; readonly rows: () => AsyncIterable<ArchivedRow> },
  restoring: Restoring,
): Promise<Proof> => {
  const database = await openDatabase(url, { create: true });
  try {
    const restored = await restoreInto(database, backup.head, backup.rows, restoring);
    return { ...restored, ...(await openEverything(database, keys)), audit: await verify(database.read) };
  } finally {
    await database.close();
  }
};
