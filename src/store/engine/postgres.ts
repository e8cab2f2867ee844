import pg from 'pg';
import type { Database, Row, Run } from './database.js';
import type { DatabaseLimits } from './database-limits.js';
import { postgresFault, postgresName } from './postgres-faults.js';
import { type Query, sql, textOf, type Value } from './sql.js';
import { translating } from './translating.js';

/** Any number known to all processes of this product: the lock taken by exclusive transactions. */
const EXCLUSIVE_LOCK = 7_037_251;
const BIGINT = 20;
const RETRY = ['40001', '40P01'];

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format),
};

/** Milliseconds until a connection must be had: a server that does not answer must not keep everybody waiting for ever. */
const CONNECT_TIMEOUT = 5_000;
/** The same of the answer to one statement; a transaction may take as long as it needs. */
const ANSWER_TIMEOUT = 20_000;

/** Text holds no NUL here, and nothing that is kept is called by one: such a value is looked for in vain rather than refused. */
const fit = (value: Value): Value =>
  typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd') : value;

const runOn =
  (client: pg.Pool | pg.PoolClient, timeout?: number): Run =>
  async (given: Query): Promise<readonly Row[]> => {
    const query = given.postgres ?? given;
    const config: pg.QueryConfig & { readonly query_timeout?: number } = {
      text: textOf(query, (n) => `$${n}`),
      values: query.values.map(fit),
      ...(timeout !== undefined && { query_timeout: timeout }),
    };
    return (await client.query<Record<string, Value>>(config)).rows;
  };

const mustRetry = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code !== undefined && RETRY.includes(error.code);

/** Of those in conflict one always wins; the others were rolled back, and are asked again. */
const untilItWins = async <T>(attempt: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!mustRetry(error)) throw error;
    }
  }
};

/** One transaction, on a connection of its own, which `begin` opens. */
const transaction = async <T>(
  pool: pg.Pool,
  begin: readonly Query[],
  work: (run: Run) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  const run = runOn(client);
  try {
    for (const statement of begin) await run(statement);
    const result = await work(run);
    await run(sql`commit`);
    client.release();
    return result;
  } catch (error) {
    // Closing the connection rolls back, whatever state it is in.
    client.release(true);
    throw error;
  }
};

const EXCLUSIVE: readonly Query[] = [
  // A serializable transaction would see what was before the lock was free.
  sql`begin isolation level read committed`,
  sql`select pg_advisory_xact_lock(${EXCLUSIVE_LOCK})`,
];
const SNAPSHOT: readonly Query[] = [sql`begin isolation level repeatable read read only`];

/**
 * PostgreSQL. Statements are serializable, as SQLite's are by nature, so a condition on another table holds until the
 * statement is committed.
 */
export const openPostgres = (url: string, { connections }: DatabaseLimits = {}): Database => {
  const pool = new pg.Pool({
    connectionString: url,
    ...(connections !== undefined && { max: connections }),
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    types,
    options: '-c default_transaction_isolation=serializable',
  });
  // A server that is gone fails the statement under way or the next one. Told once more here, while a connection idles in the pool
  // or in a transaction, it would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const single = runOn(pool, ANSWER_TIMEOUT);
  const run: Run = (query) => untilItWins(() => single(query));
  const long = runOn(pool);
  const database: Database = {
    dialect: 'postgres',
    name: postgresName(url),
    read: run,
    browse: (query) => untilItWins(() => long(query)),
    write: run,
    exclusive: (work) => untilItWins(() => transaction(pool, EXCLUSIVE, work)),
    snapshot: (work) => transaction(pool, SNAPSHOT, work),
    close: () => pool.end(),
  };
  return translating(database, postgresFault);
};
