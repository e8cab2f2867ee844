import type { Database } from '../../src/store/engine/database.js';
import { openPostgres } from '../../src/store/engine/postgres.js';
import { text } from '../../src/store/engine/rows.js';
import { raw, sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';

const isSqlite = (url: string): boolean => url.startsWith('sqlite:');

const tablesOf = async (database: Database, url: string): Promise<readonly string[]> => {
  const rows = await database.read(
    isSqlite(url)
      ? sql`select name from sqlite_master where type = 'table'`
      : sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  return rows.map((row) => text(row, 'name'));
};

/** Every row of every table of a database, each as a line of `table {…}`. */
export const everyRow = async (url: string): Promise<readonly string[]> => {
  const database = isSqlite(url) ? await openSqlite(url.slice('sqlite:'.length)) : openPostgres(url);
  try {
    const lines: string[] = [];
    for (const table of await tablesOf(database, url)) {
      const rows = await database.read(sql`select * from ${raw(table)}`);
      lines.push(...rows.map((row) => `${table} ${JSON.stringify(row)}`));
    }
    return lines;
  } finally {
    await database.close();
  }
};
