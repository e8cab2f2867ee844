import type { Database, Run } from './database.js';
import { migrations } from './migrations.js';
import { integer } from './rows.js';
import { sql } from './sql.js';

const versionIn = async (run: Run): Promise<number> => {
  const [row] = await run(sql`select coalesce(max(version), 0) as version from migration`);
  return row === undefined ? 0 : integer(row, 'version');
};

const older = (found: number): Error =>
  new Error(
    `The database has schema ${found}; this version of Oriel uses ${migrations.length}, and brings it forward when it starts.`,
  );

const newer = (found: number): Error =>
  new Error(
    `The database has schema ${found}; this version of Oriel knows ${migrations.length}. ` +
      'Run the newer version that wrote it, or restore a backup made before the upgrade.',
  );

/** Takes the next step, if there is one, in a transaction of its own. False when the schema is ours. */
const step = (database: Database): Promise<boolean> =>
  database.exclusive(async (run) => {
    await run(sql`create table if not exists migration (version bigint primary key)`);
    const version = await versionIn(run);
    if (version > migrations.length) throw newer(version);
    const statements = migrations[version];
    if (statements === undefined) return false;
    for (const statement of statements) await run(statement);
    await run(sql`insert into migration (version) values (${version + 1})`);
    return true;
  });

/**
 * Brings the schema forward to ours, never back. Any number of processes may do so at once: each step is taken by one of them.
 * Throws, changing nothing, when a newer version of the product has been here.
 */
export const migrate = async (database: Database): Promise<void> => {
  while (await step(database));
};

/** Throws when the database does not answer or its schema is no longer ours. */
export const checkSchema = async (database: Database): Promise<void> => {
  const version = await versionIn(database.read);
  if (version !== migrations.length) throw (version < migrations.length ? older : newer)(version);
};
