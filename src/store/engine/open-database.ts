import type { Database } from './database.js';
import { type DatabaseAddress, isPostgres } from './database-address.js';
import type { DatabaseLimits } from './database-limits.js';
import { openSqlite } from './sqlite.js';

const SQLITE = 'sqlite:';

/**
 * Opens the database at this address as it is. Only with `create` a SQLite file is
 * made where there is none. Throws `DatabaseTrouble` when it cannot be used.
 */
export const openDatabase = async (
  address: DatabaseAddress,
  { create, limits }: { readonly create: boolean; readonly limits?: DatabaseLimits },
): Promise<Database> => {
  if (isPostgres(address)) {
    // Loaded only where it is used: it costs time and memory at every start.
    const { openPostgres } = await import('./postgres.js');
    return openPostgres(address, limits);
  }
  if (typeof address === 'string' && address.startsWith(SQLITE))
    return openSqlite(address.slice(SQLITE.length), create, limits);
  throw new Error('The database must be sqlite:FILE, sqlite::memory: or postgres://…');
};
