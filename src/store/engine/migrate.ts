import type { Database, Run } from './database.js';
import { troubleOf } from './database-faults.js';
import { migrations } from './migrations.js';
import { integer, text } from './rows.js';
import { type Query, raw, type Step, sql } from './sql.js';

/** Two tables that every schema of ours has had since the first. */
const OURS = ['migration', 'frame_lease'] as const;

/** The statement of a step for this engine. */
export const statementFor = (step: Step, dialect: Database['dialect']): Query =>
  'texts' in step ? step : step[dialect];

const versionIn = async (run: Run): Promise<number> => {
  const [row] = await run(sql`select coalesce(max(version), 0) as version from migration`);
  return row === undefined ? 0 : integer(row, 'version');
};

/** The names of all tables there are. */
export const tablesIn = async (run: Run, { dialect }: Database): Promise<readonly string[]> => {
  const rows = await run(
    dialect === 'sqlite'
      ? sql`select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~'`
      : sql`select tablename::text as name from pg_tables where schemaname = any (current_schemas(false))`,
  );
  return rows.map((row) => text(row, 'name'));
};

/** The tables that a schema of this version has. */
export const tablesOf = (version: number, dialect: Database['dialect']): readonly string[] => {
  const made = migrations
    .slice(0, version)
    .flat()
    .flatMap((step) => /^\s*create table (\w+)/.exec(statementFor(step, dialect).texts[0] ?? '')?.[1] ?? []);
  return ['migration', ...made];
};

const incomplete = ({ name }: Database, missing: readonly string[]) =>
  troubleOf('foreign', name, {
    detail: `${name} is no whole database of Oriel: it has no table ${missing.join(', ')}. Name another one in \`database\`, or restore a backup into a new one; nothing was changed in this one.`,
  });

/**
 * Which schema it has, and 0 where it has none yet. Throws where it belongs to another program, since an SQLite file is never shared, and
 * where only a part of it is ours.
 */
export const schemaOf = async (run: Run, database: Database): Promise<number> => {
  const tables = await tablesIn(run, database);
  const ours = OURS.filter((table) => tables.includes(table)).length;
  if (ours < OURS.length) {
    if (ours > 0 || (database.dialect === 'sqlite' && tables.length > 0))
      throw troubleOf('foreign', database.name);
    return 0;
  }
  const version = await versionIn(run);
  // What a newer version has is not known here; it is refused for being newer.
  const known = version > migrations.length ? [] : tablesOf(version, database.dialect);
  const missing = known.filter((table) => !tables.includes(table));
  if (missing.length > 0) throw incomplete(database, missing);
  return version;
};

/** The same, of one moment: another process may take a step between two reads. */
export const schemaNow = (database: Database): Promise<number> =>
  database.snapshot((run) => schemaOf(run, database));

/**
 * Takes the next step, if there is one, in a transaction of its own, and in an empty database all at once: no one waits there, and nothing
 * is lost when it is started again. False when the schema is ours.
 */
const step = (database: Database): Promise<boolean> =>
  database.exclusive('schema', async (run, runAll) => {
    const version = await schemaOf(run, database);
    if (version > migrations.length) throw newerIn(database);
    if (version === migrations.length) return false;
    if (version === 0) await run(sql`create table if not exists migration (version bigint primary key)`);
    const steps = migrations.slice(version, version === 0 ? migrations.length : version + 1);
    const taken = steps.flatMap((statements, at) => [
      ...statements.map((statement) => statementFor(statement, database.dialect)),
      sql`insert into migration (version) values (${raw(String(version + at + 1))})`,
    ]);
    await runAll(taken);
    return true;
  });

/** That a newer version of the product has been here. */
export const newerIn = ({ name }: Database) => troubleOf('newer', name);

/**
 * Brings the schema forward to ours, never back. Any number of processes may do so at once: each step is taken by one of them.
 * Throws, changing nothing, when a newer version of the product has been here, or another product.
 */
export const migrate = async (database: Database): Promise<void> => {
  while (await step(database));
};

const requireVersion = (version: number, database: Database): void => {
  if (version < migrations.length) throw troubleOf('older', database.name);
  if (version > migrations.length) throw newerIn(database);
};

/** For a database that is opened as it is: throws unless it is wholly ours, and of the present schema. Changes nothing. */
export const requireSchema = async (database: Database): Promise<void> => {
  const version = await schemaNow(database);
  if (version === 0)
    throw troubleOf('not_made', database.name, {
      detail: `The database ${database.name} is empty: “oriel serve” fills it when it starts.`,
    });
  requireVersion(version, database);
};

/** For a database that was ours when it was opened: throws when it does not answer, or its schema is not ours any more. */
export const checkSchema = async (database: Database): Promise<void> => {
  const version = await versionIn(database.read).catch(async (error: unknown) => {
    await requireSchema(database);
    throw error;
  });
  requireVersion(version, database);
};
