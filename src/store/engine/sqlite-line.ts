import { LRUCache } from 'lru-cache';
import sqlite3 from 'sqlite3';
import type { Row } from './database.js';
import { type Query, textOf, type Value } from './sql.js';

/** Milliseconds a statement waits for another process's write. */
const BUSY_TIMEOUT = 5000;
/** Prepared statements that are kept: more texts than there are usually, fewer than filters and lists of values can make. */
export const PREPARED = 500;

/**
 * One connection of the driver. Statements run strictly one after another: the driver would hand all of them to the thread pool
 * at once, where those waiting for the connection starve everything else. A text that comes again is prepared once.
 */
export class SqliteLine {
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
