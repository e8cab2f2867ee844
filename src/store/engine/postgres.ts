import pg from 'pg';
import type { Database, Row, Run } from './database.js';
import { type Query, sql, textOf, type Value } from './sql.js';

/** Any number known to all processes of this product: the lock taken by exclusive transactions. */
const EXCLUSIVE_LOCK = 7_037_251;
const BIGINT = 20;
const RETRY = ['40001', '40P01'];

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format),
};

const runOn =
  (client: pg.Pool | pg.PoolClient): Run =>
  async (query: Query): Promise<readonly Row[]> => {
    const result = await client.query<Record<string, Value>>({
      text: textOf(query, (n) => `$${n}`),
      values: [...query.values],
    });
    return result.rows;
  };

const mustRetry = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code !== undefined && RETRY.includes(error.code);

/**
 * PostgreSQL. Statements are serializable, as SQLite's are by nature, so a condition on another table holds until the
 * statement is committed; of those in conflict one always wins, and the others are asked again.
 */
export const openPostgres = (url: string): Database => {
  const pool = new pg.Pool({
    connectionString: url,
    types,
    options: '-c default_transaction_isolation=serializable',
  });
  // The pool has dropped that idle connection already; a server that is gone fails the next statement.
  pool.on('error', () => undefined);
  const single = runOn(pool);
  const run: Run = async (query) => {
    for (;;) {
      try {
        return await single(query);
      } catch (error) {
        if (!mustRetry(error)) throw error;
      }
    }
  };
  return {
    read: run,
    write: run,
    async exclusive(work) {
      const client = await pool.connect();
      const within = runOn(client);
      try {
        // A serializable transaction would see what was before the lock was free.
        await within(sql`begin isolation level read committed`);
        await within(sql`select pg_advisory_xact_lock(${EXCLUSIVE_LOCK})`);
        const result = await work(within);
        await within(sql`commit`);
        client.release();
        return result;
      } catch (error) {
        // Closing the connection rolls back, whatever state it is in.
        client.release(true);
        throw error;
      }
    },
    async snapshot(work) {
      const client = await pool.connect();
      const within = runOn(client);
      try {
        await within(sql`begin isolation level repeatable read read only`);
        const result = await work(within);
        await within(sql`commit`);
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
};
