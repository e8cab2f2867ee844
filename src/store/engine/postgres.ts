import pg from 'pg';
import type { DatabaseFault } from '../database-trouble.js';
import type { Database, Row, Run, RunAll } from './database.js';
import type { DatabaseLimits } from './database-limits.js';
import { type Query, scriptOf, sql, textOf, type Value } from './sql.js';
import { translating } from './translating.js';

/** Where a database is: host, port and name of its URL, and nothing that is secret. */
const postgresName = (url: string): string => {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname;
    return `postgres://${host}${port === '' ? '' : `:${port}`}${pathname}`;
  } catch {
    return 'in PostgreSQL';
  }
};

/** SQLSTATE: a code, or the class that begins it (PostgreSQL, appendix A). */
const STATES: readonly (readonly [string, DatabaseFault])[] = [
  ['53100', 'full'],
  ['53', 'unreachable'],
  ['08', 'unreachable'],
  ['57P', 'unreachable'],
  ['28', 'forbidden'],
  ['42501', 'forbidden'],
  ['3D000', 'missing'],
  ['25006', 'read_only'],
  ['55P03', 'locked'],
  ['57014', 'locked'],
  ['58', 'failing'],
  ['XX001', 'damaged'],
  ['XX002', 'damaged'],
];

/** Of the system and of the resolver: no connection came about, or it broke. */
const NETWORK =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|E(HOST|NET)(UNREACH|DOWN)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** The driver has no codes for these. */
const SAYINGS =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|The server does not support SSL|Client was closed)/;

/** What an error of PostgreSQL, of its driver or of the network says about the database as a whole. */
const postgresFault = (error: unknown): DatabaseFault | null => {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const state = STATES.find(([begin]) => code.startsWith(begin));
    if (state !== undefined) return state[1];
  }
  return NETWORK.test(code) || SAYINGS.test(error.message) ? 'unreachable' : null;
};

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
  work: (run: Run, runAll: RunAll) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  const run = runOn(client);
  try {
    for (const statement of begin) await run(statement);
    const result = await work(run, async (queries) => {
      await client.query(scriptOf(queries.map((query) => query.postgres ?? query)));
    });
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
  // A server that is gone fails the statement under way or the next one. Reported once more here, while a connection idles in the pool
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
