import { verify } from '../audit/audit-verify.js';
import type { Database, Row, Run } from '../engine/database.js';
import type { DatabaseAddress } from '../engine/database-address.js';
import { type Keyed, keyIn, rowsAfter } from '../engine/key-order.js';
import { migrate, requireSchema, schemaNow } from '../engine/migrate.js';
import { openDatabase } from '../engine/open-database.js';
import { joined, type Query, raw, sql, type Value } from '../engine/sql.js';
import { prepareJobs } from '../jobs/open-jobs.js';
import type { SealingKey } from '../sealing/sealing-key.js';
import type { Proof } from './archive.js';
import { ARCHIVED, COPIED_BESIDES } from './archive-tables.js';
import { count, openEverything } from './restore.js';

/** Called now and then with how many rows are copied by now. */
type Report = (progress: { readonly done: number; readonly total: number }) => void;

const COPIED: readonly Keyed[] = [...ARCHIVED, ...COPIED_BESIDES];
/** So many rows are read and written at once. */
const PAGE = 200;

const counts = async (run: Run): Promise<Readonly<Record<string, number>>> => {
  const found: Record<string, number> = {};
  for (const { table } of COPIED) found[table] = await count(run, table);
  return found;
};

const insert = (table: string, rows: readonly Row[]): Query => {
  const columns = Object.keys(rows[0] ?? {});
  const values = rows.map((row) => sql`(${joined(columns.map((column) => sql`${row[column] ?? null}`))})`);
  return sql`insert into ${raw(table)} (${joined(columns.map(raw))}) values ${joined(values)}`;
};

/** Throws where something is kept there already. What the schema itself makes goes: the copy brings its own. */
const requireEmpty = async (to: Database, run: Run): Promise<void> => {
  const found = await counts(run);
  const full = Object.keys(found).find((table) => table !== 'setup_revision' && (found[table] ?? 0) > 0);
  if (full !== undefined)
    throw new Error(`${to.name} is not empty (${full}). Copy into a new database; nothing was changed.`);
  await run(sql`delete from setup_revision`);
};

const copyTable = async (from: Run, to: Run, keyed: Keyed, copied: (rows: number) => void): Promise<void> => {
  let after: readonly Value[] | null = null;
  for (;;) {
    const rows: readonly Row[] = await from(rowsAfter(keyed, after, PAGE));
    if (rows.length > 0) await to(insert(keyed.table, rows));
    copied(rows.length);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = keyIn(last, keyed);
  }
};

/** Copies all rows of one moment in one transaction; gives how many there are of each table, counted on both sides. */
const copyRows = (from: Database, to: Database, report: Report): Promise<Readonly<Record<string, number>>> =>
  from.snapshot((read) =>
    to.exclusive('schema', async (run) => {
      await requireEmpty(to, run);
      const expected = await counts(read);
      const total = Object.values(expected).reduce((sum, each) => sum + each, 0);
      let done = 0;
      for (const keyed of COPIED)
        await copyTable(read, run, keyed, (rows) => {
          done += rows;
          report({ done, total });
        });
      const found = await counts(run);
      for (const [table, rows] of Object.entries(expected))
        if (found[table] !== rows)
          throw new Error(`Of ${table}, ${found[table]} of ${rows} rows were copied; nothing was changed.`);
      return found;
    }),
  );

/**
 * Copies everything from one database into an empty one of any engine, all of it or nothing: people stay connected and signed in. Then
 * proves it: as many rows as before, every sealed value opens, the audit log is intact. Throws a sentence that says what to do where either
 * cannot be used, or the second is not empty.
 */
export const copyDatabase = async (
  addresses: { readonly from: DatabaseAddress; readonly to: DatabaseAddress },
  keys: readonly SealingKey[],
  report: Report,
): Promise<Pick<Proof, 'rows' | 'opened' | 'unopened' | 'audit'>> => {
  const from = await openDatabase(addresses.from, { create: false });
  try {
    await requireSchema(from);
    const to = await openDatabase(addresses.to, { create: true });
    try {
      await migrate(to);
      const rows = await copyRows(from, to, report);
      return { rows, ...(await openEverything(to, keys)), audit: await verify(to.read) };
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
};

/** Brings the schema of a database forward to that of this version, and makes it where there is none. Gives its version before and after. */
export const migrateDatabase = async (
  address: DatabaseAddress,
): Promise<{ readonly name: string; readonly before: number; readonly after: number }> => {
  const database = await openDatabase(address, { create: true });
  try {
    const before = await schemaNow(database);
    await migrate(database);
    await prepareJobs(database);
    return { name: database.name, before, after: await schemaNow(database) };
  } finally {
    await database.close();
  }
};
