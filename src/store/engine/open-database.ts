import type { Database } from './database.js';
import type { DatabaseLimits } from './database-limits.js';
import { openSqlite } from './sqlite.js';

const SQLITE = 'sqlite:';

/**
 * Opens the database named by `url` as it is: `sqlite:./oriel.db`, `sqlite::memory:`, `postgres://…`. Only with `create` a SQLite file is
 * made where there is none. Throws `DatabaseTrouble` when it cannot be used.
 */
export const openDatabase = async (
  url: string,
  { create, limits }: { readonly create: boolean; readonly limits?: DatabaseLimits },
): Promise<Database> => {
  if (url.startsWith(SQLITE)) return openSqlite(url.slice(SQLITE.length), create, limits);
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Loaded only where it is used: it costs time and memory at every start.
    const { openPostgres } = await import('./postgres.js');
    return openPostgres(url, limits);
  }
  throw new Error('The database must be sqlite:FILE, sqlite::memory: or postgres://…');
};
