import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Row, Run } from './database.js';
import { type PostgresAddress, postgresHost } from './database-address.js';
import { isConflict, isConnectionLost, isSessionIntact, isStalePlan } from './postgres-faults.js';
import { type Query, textOf, type Value } from './sql.js';

const BIGINT = 20;

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format),
};

/** Milliseconds until a connection must be had: a server that does not answer must not keep everybody waiting for ever. */
const CONNECT_TIMEOUT = 5_000;
/** The same of the answer to one statement; a transaction may take as long as it needs. */
const ANSWER_TIMEOUT = 20_000;
/** For so long questions wait for a server that is not there, such as one that is being restarted, ms; then they fail until it is back. */
const PATIENCE = 5_000;
/** So often the same is asked again after a connection broke: it may be what breaks them. */
const LOSSES = 3;
/** Between two attempts to reach it, ms: at least half of it. */
const BETWEEN = 200;
/** So often a transaction that lost to another one is made again. */
const CONFLICTS = 10;
/** Before the first time, ms: at least half of it, twice as long each time. */
const AFTER_CONFLICT = 10;
const LONGEST_PAUSE = 500;
/** Statements that are prepared on each connection; filters and lists of values can make any number of texts. */
const PREPARED = 500;
const CONNECTIONS = 10;

const LOOPBACK = /^(localhost|127\.|::1$|\/)/;

const settings = ({ url, password, tls, ca }: PostgresAddress): pg.ClientConfig => {
  const host = postgresHost(url);
  const named = new URL(url);
  const own = password?.reveal() ?? decodeURIComponent(named.password);
  const wanted = tls ?? (LOOPBACK.test(host) ? 'off' : 'verify');
  return {
    host,
    ...(named.port !== '' && { port: Number(named.port) }),
    ...(named.username !== '' && { user: decodeURIComponent(named.username) }),
    ...(own !== '' && { password: own }),
    database: decodeURIComponent(named.pathname.slice(1)),
    ssl: wanted === 'off' ? false : { rejectUnauthorized: wanted === 'verify', ...(ca !== null && { ca }) },
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'oriel',
    types,
    // A process that is stopped in the middle of a transaction must not keep all others from its lock.
    options: '-c lock_timeout=20000 -c idle_in_transaction_session_timeout=60000',
  };
};

/** A connection of its own, not yet opened. */
export const newClient = (address: PostgresAddress): pg.Client => {
  const client = new pg.Client(settings(address));
  // It fails what is under way as well; reported here alone, it would end the process.
  client.on('error', () => undefined);
  return client;
};

/** Text holds no NUL here, and nothing that is kept is called by one: such a value is looked for in vain rather than refused. */
const fit = (value: Value): Value =>
  typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd') : value;

/** About so many ms, at least half of it: many who wait must not all come back at once. */
const jittered = (ms: number): Promise<void> => pause(ms / 2 + randomInt(Math.ceil(ms / 2) + 1));

/** The connections of one process to PostgreSQL: as many as `address` allows, opened when they are needed, and again when they are lost. */
export class PostgresConnections {
  readonly #pool: pg.Pool;
  readonly #names = new Map<string, string>();
  /** Since when no connection was had. */
  #goneSince: number | null = null;
  /** The pause that all wait for who found the server gone. */
  #absence: Promise<void> | null = null;

  constructor(address: PostgresAddress) {
    this.#pool = new pg.Pool({ ...settings(address), max: address.connections ?? CONNECTIONS });
    // A server that is gone fails the statement under way or the next one. Reported once more here, while a connection idles in the pool
    // or in a transaction, it would end the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** A statement that changes nothing: asked again where the connection broke. */
  async read(query: Query, timeout: number | undefined = ANSWER_TIMEOUT): Promise<readonly Row[]> {
    for (let losses = 0; ; losses += 1) {
      try {
        return await this.#once(query, timeout);
      } catch (error) {
        if (losses === LOSSES || !this.#mayComeBack(error)) throw error;
        await this.#awaitServer();
      }
    }
  }

  /** As `read`, for as long as it takes. */
  browse(query: Query): Promise<readonly Row[]> {
    return this.read(query, 0);
  }

  /**
   * A statement that may change something. It waits for a server that is not there; once it was sent, and the connection broke, it
   * fails: it may have been done.
   */
  write(query: Query): Promise<readonly Row[]> {
    return this.#unlessConflict(() => this.#once(query, ANSWER_TIMEOUT));
  }

  /** As `write`, what a library wrote. */
  text(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Record<string, unknown>>> {
    return this.#unlessConflict(() =>
      this.#with(async (client) => {
        try {
          return await client.query(text, values as unknown[] | undefined);
        } catch (error) {
          // Of several statements, one may have started a transaction.
          if (isSessionIntact(error)) await client.query('rollback');
          throw error;
        }
      }),
    );
  }

  /** A transaction on one connection; started again, `work` with it, where it lost to another or the connection broke before its commit. */
  transaction<T>(begin: string, work: (run: Run, client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.#unlessConflict(async () => {
      for (let losses = 0; ; losses += 1) {
        let isCommitting = false;
        try {
          return await this.#with(async (client) => {
            try {
              await client.query(begin);
              const result = await work((query) => this.#run(client, query, 0), client);
              isCommitting = true;
              await client.query('commit');
              return result;
            } catch (error) {
              if (isSessionIntact(error)) await client.query('rollback');
              throw error;
            }
          });
        } catch (error) {
          if (isCommitting || losses === LOSSES || !this.#mayComeBack(error)) throw error;
          await this.#awaitServer();
        }
      }
    });
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #once(query: Query, timeout: number): Promise<readonly Row[]> {
    for (let isSecond = false; ; isSecond = true) {
      try {
        return await this.#with((client) => this.#run(client, query, timeout));
      } catch (error) {
        // It was not run. A new connection has nothing prepared.
        if (isSecond || !isStalePlan(error)) throw error;
      }
    }
  }

  /**
   * A connection whose server refused a statement goes on; of one that failed in any other way nothing is known any more, and closing it
   * rolls back whatever was open.
   */
  async #with<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(!isSessionIntact(error));
      throw error;
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    for (;;) {
      try {
        const client = await this.#pool.connect();
        this.#goneSince = null;
        return client;
      } catch (error) {
        if (!this.#mayComeBack(error)) throw error;
        await this.#awaitServer();
      }
    }
  }

  /** Whether the server is gone, and for so short a time that it is waited for. */
  #mayComeBack(error: unknown): boolean {
    if (!isConnectionLost(error)) return false;
    this.#goneSince ??= performance.now();
    return performance.now() - this.#goneSince < PATIENCE;
  }

  #awaitServer(): Promise<void> {
    this.#absence ??= jittered(BETWEEN).finally(() => {
      this.#absence = null;
    });
    return this.#absence;
  }

  async #unlessConflict<T>(attempt: () => Promise<T>): Promise<T> {
    for (let before = 0; ; before += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (before === CONFLICTS || !isConflict(error)) throw error;
        await jittered(Math.min(LONGEST_PAUSE, AFTER_CONFLICT * 2 ** before));
      }
    }
  }

  async #run(client: pg.PoolClient, given: Query, timeout: number): Promise<readonly Row[]> {
    const query = given.postgres ?? given;
    const text = textOf(query, (n) => `$${n}`);
    const name = this.#nameOf(text);
    const config: pg.QueryConfig & { readonly query_timeout?: number } = {
      text,
      values: query.values.map(fit),
      ...(name !== undefined && { name }),
      ...(timeout > 0 && { query_timeout: timeout }),
    };
    return (await client.query<Record<string, Value>>(config)).rows;
  }

  /** The name under which a text is prepared, on each connection that meets it. */
  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= PREPARED) return known;
    const name = `oriel_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
