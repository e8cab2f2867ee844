import type { Database, Run } from './database.js';
import { troubleOf } from './database-faults.js';
import { migrations } from './migrations.js';
import { integer, text } from './rows.js';
import { type Query, type Step, sql } from './sql.js';

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

/** Which schema it has, and 0 where it has none yet. Throws where it is somebody else's: a file of SQLite is never shared. */
export const schemaOf = async (run: Run, database: Database): Promise<number> => {
  const tables = await tablesIn(run, database);
  const ours = OURS.filter((table) => tables.includes(table)).length;
  if (ours === OURS.length) return versionIn(run);
  if (ours > 0 || (database.dialect === 'sqlite' && tables.length > 0))
    throw troubleOf('foreign', database.name);
  return 0;
};

/** Takes the next step, if there is one, in a transaction of its own. False when the schema is ours. */
const step = (database: Database): Promise<boolean> =>
  database.exclusive(async (run) => {
    const version = await schemaOf(run, database);
    if (version > migrations.length) throw newerIn(database);
    const statements = migrations[version];
    if (statements === undefined) return false;
    if (version === 0) await run(sql`create table if not exists migration (version bigint primary key)`);
    for (const statement of statements) await run(statementFor(statement, database.dialect));
    await run(sql`insert into migration (version) values (${version + 1})`);
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

/** Throws when the database does not answer or its schema is not ours. */
export const checkSchema = async (database: Database): Promise<void> => {
  const version = await versionIn(database.read).catch(async (error: unknown) => {
    if ((await schemaOf(database.read, database)) > 0) throw error;
    throw troubleOf('not_made', database.name, {
      detail: `The database ${database.name} is empty: “oriel serve” fills it when it starts.`,
    });
  });
  if (version < migrations.length) throw troubleOf('older', database.name);
  if (version > migrations.length) throw newerIn(database);
};
