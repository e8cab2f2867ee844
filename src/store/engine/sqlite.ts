import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import sqlite3 from 'sqlite3';
import type { Database, Row, Run } from './database.js';
import type { DatabaseLimits } from './database-limits.js';
import { type Query, scriptOf, sql, textOf, type Value } from './sql.js';
import { FileWatch, makeFile, requireFile, sqliteFault } from './sqlite-file.js';
import { rethrown, translating } from './translating.js';

/** Milliseconds a statement waits for another process's write. */
const BUSY_TIMEOUT = 5000;
/** Prepared statements that are kept: more texts than there are usually, fewer than filters and lists of values can make. */
const PREPARED = 500;

/**
 * One connection of the driver. Statements run strictly one after another: the driver would hand all of them to the thread pool
 * at once, where those waiting for the connection starve everything else. A text that comes again is prepared once.
 */
class SqliteLine {
  readonly #db: sqlite3.Database;
  readonly #statements: LRUCache<string, sqlite3.Statement>;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(db: sqlite3.Database, prepared: number) {
    this.#db = db;
    this.#statements = new LRUCache({
      max: prepared,
      dispose: (statement, _, reason) => {
        if (reason === 'evict') statement.finalize();
      },
    });
  }

  static open(file: string, mode: number, prepared = PREPARED): Promise<SqliteLine> {
    return new Promise((resolve, reject) => {
      const db: sqlite3.Database = new sqlite3.Database(file, mode | sqlite3.OPEN_FULLMUTEX, (error) => {
        if (error) return reject(error);
        db.configure('busyTimeout', BUSY_TIMEOUT);
        resolve(new SqliteLine(db, prepared));
      });
    });
  }

  /** Runs `work` when all before it is done; whether that failed is for its own caller to know. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Only within `inTurn`. */
  async run(query: Query): Promise<readonly Row[]> {
    const text = textOf(query, () => '?');
    const statement = this.#statements.get(text) ?? (await this.#prepare(text));
    return new Promise((resolve, reject) => {
      // `all` steps to the end under the connection's mutex, so nothing comes between and no read stays open.
      statement.all<Record<string, Value>>([...query.values], (error, rows) => {
        if (!error) return resolve(rows);
        // A failed statement may still hold its snapshot; only its end is sure to let go.
        this.#statements.delete(text);
        statement.finalize(() => reject(error));
      });
    });
  }

  /** As `run`, for statements that do not come again: none of them is kept. */
  runAll(queries: readonly Query[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#db.exec(scriptOf(queries), (error) => (error ? reject(error) : resolve()));
    });
  }

  async close(): Promise<void> {
    await this.inTurn(async () => {
      for (const statement of this.#statements.values()) statement.finalize();
      await new Promise<void>((resolve, reject) => {
        this.#db.close((error) => (error ? reject(error) : resolve()));
      });
    });
  }

  #prepare(text: string): Promise<sqlite3.Statement> {
    return new Promise((resolve, reject) => {
      const statement = this.#db.prepare(text, (error: Error | null) => {
        if (error) return reject(error);
        this.#statements.set(text, statement);
        resolve(statement);
      });
    });
  }
}

interface Waiting {
  readonly query: Query;
  resolve(rows: readonly Row[]): void;
  reject(error: unknown): void;
}

/** So many statements share a commit at most, so that the first of them need not wait long. */
const TOGETHER = 64;

/** One statement's outcome, reported only once it is on the disk. A statement that fails undoes itself and no other. */
const attempt = (writer: SqliteLine, { query, resolve, reject }: Waiting): Promise<() => void> =>
  writer.run(query).then(
    (rows) => () => resolve(rows),
    (error: unknown) => () => reject(error),
  );

/** Ends a transaction that failed, for a reason that is already reported: a full disk may have ended it before. */
const rollBack = async (writer: SqliteLine): Promise<void> => {
  await writer.run(sql`rollback`).catch(() => undefined);
};

const together = async (writer: SqliteLine, batch: readonly Waiting[]): Promise<void> => {
  const outcomes: (() => void)[] = [];
  try {
    await writer.run(sql`begin immediate`);
    for (const waiting of batch) outcomes.push(await attempt(writer, waiting));
    await writer.run(sql`commit`);
  } catch (error) {
    for (const { reject } of batch) reject(error);
    await rollBack(writer);
    return;
  }
  for (const report of outcomes) report();
};

/**
 * Writes that are asked for while another is on its way to the disk share one commit: a flush of the disk costs more than all
 * their work. Each stays a statement of its own, fails alone, and is answered only when it is durable.
 */
class GroupCommit {
  readonly #writer: SqliteLine;
  readonly #most: number;
  #waiting: Waiting[] = [];

  constructor(writer: SqliteLine, most = TOGETHER) {
    this.#writer = writer;
    this.#most = most;
  }

  write(query: Query): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ query, resolve, reject });
      if (this.#waiting.length === 1) void this.#writer.inTurn(() => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.slice(0, this.#most);
    this.#waiting = this.#waiting.slice(this.#most);
    if (this.#waiting.length > 0) void this.#writer.inTurn(() => this.#flush());
    const [only] = batch;
    if (only !== undefined && batch.length === 1) (await attempt(this.#writer, only))();
    else await together(this.#writer, batch);
  }
}

const MEMORY = ':memory:';
const SWITCH_ATTEMPTS = 250;
/** Milliseconds. */
const SWITCH_PAUSE = 20;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';

/** The switch to WAL does not wait for a process that is making it too, as other statements would. */
const switchToWal = async (line: SqliteLine): Promise<void> => {
  for (let left = SWITCH_ATTEMPTS; ; left -= 1) {
    try {
      await line.inTurn(() => line.run(sql`pragma journal_mode = wal`));
      return;
    } catch (error) {
      if (left === 0 || !isBusy(error)) throw error;
      await pause(SWITCH_PAUSE);
    }
  }
};

// Every commit is on the disk before it is answered: a lost refresh token cannot be had again.
const DURABLE = sql`pragma synchronous = full`;
const NOT_DURABLE = sql`pragma synchronous = off`;
const FOREIGN_KEYS = sql`pragma foreign_keys = on`;

const openWriter = async (
  file: string,
  create: boolean,
  { prepared, durable = true }: DatabaseLimits,
): Promise<SqliteLine> => {
  const line = await SqliteLine.open(
    file,
    sqlite3.OPEN_READWRITE | (create ? sqlite3.OPEN_CREATE : 0),
    prepared,
  );
  try {
    if (create) await switchToWal(line);
    for (const pragma of [durable ? DURABLE : NOT_DURABLE, FOREIGN_KEYS])
      await line.inTurn(() => line.run(pragma));
    return line;
  } catch (error) {
    await line.close();
    throw error;
  }
};

/** A connection of its own: a long read must keep no one waiting. */
const inSnapshot = async <T>(file: string, work: (run: Run) => Promise<T>): Promise<T> => {
  const line = await SqliteLine.open(file, sqlite3.OPEN_READONLY);
  try {
    return await line.inTurn(async () => {
      await line.run(sql`begin`);
      return work((query) => line.run(query));
    });
  } finally {
    await line.close();
  }
};

/** The connections to one database: in memory all three are the same. */
interface Lines {
  readonly writer: SqliteLine;
  readonly reader: SqliteLine;
  readonly browser: SqliteLine;
}

const MEMORY_IS_THERE = { check: async (): Promise<void> => undefined };

const overLines = ({ writer, reader, browser }: Lines, file: string, together?: number): Database => {
  const watch = file === MEMORY ? MEMORY_IS_THERE : new FileWatch(file);
  const commits = new GroupCommit(writer, together);
  const readOn =
    (line: SqliteLine): Run =>
    async (query) => {
      await watch.check();
      return line.inTurn(() => line.run(query));
    };
  return {
    dialect: 'sqlite',
    name: file === MEMORY ? 'in memory' : resolve(file),
    read: readOn(reader),
    browse: readOn(browser),
    async write(query) {
      await watch.check();
      return commits.write(query);
    },
    alone(_purpose, query) {
      return this.write(query);
    },
    async exclusive(_purpose, work) {
      await watch.check();
      return writer.inTurn(async () => {
        await writer.run(sql`begin immediate`);
        try {
          const result = await work(
            (query) => writer.run(query),
            (queries) => writer.runAll(queries),
          );
          await writer.run(sql`commit`);
          return result;
        } catch (error) {
          await rollBack(writer);
          throw error;
        }
      });
    },
    async snapshot(work) {
      // In memory there is one connection, which no one else may use in the meantime.
      if (file === MEMORY) return this.exclusive('schema', work);
      await watch.check();
      return inSnapshot(file, work);
    },
    async close() {
      for (const line of new Set([browser, reader, writer])) await line.close();
    },
  };
};

const openLines = async (file: string, create: boolean, limits: DatabaseLimits): Promise<Lines> => {
  const { prepared } = limits;
  const writer = await openWriter(file, create, limits);
  if (file === MEMORY) return { writer, reader: writer, browser: writer };
  const reader = await SqliteLine.open(file, sqlite3.OPEN_READONLY, prepared);
  return { writer, reader, browser: await SqliteLine.open(file, sqlite3.OPEN_READONLY, prepared) };
};

/**
 * SQLite in a file, or in memory for `:memory:`. With `create` the file is made where there is none, and readable by its owner only;
 * without, it must be there, and neither owner nor mode of it is touched. It is read through connections of its own, so that reads do
 * not queue behind durable writes, nor short ones behind long ones.
 */
export const openSqlite = async (
  file: string,
  create = true,
  limits: DatabaseLimits = {},
): Promise<Database> => {
  const faultOf = (error: unknown) => sqliteFault(resolve(file), error);
  if (file !== MEMORY) (create ? makeFile : requireFile)(file);
  const lines = await openLines(file, create, limits).catch((error: unknown) =>
    rethrown(error, resolve(file), faultOf),
  );
  return translating(overLines(lines, file, limits.together), faultOf);
};
