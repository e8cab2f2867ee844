import { performance } from 'node:perf_hooks';
import type { Meter } from '../../domain/meter.js';
import type { Journal } from '../../domain/system.js';
import { DatabaseTrouble } from '../database-trouble.js';
import type { Database, LibraryStatements, Purpose, Row, Run, RunAll } from './database.js';
import { checkSchema } from './migrate.js';
import type { Query } from './sql.js';

/** Milliseconds. */
const MINUTE = 60_000;
/** For so long after a failed write this process does not call itself ready: small writes may pass where larger ones do not. */
const STICKY = 5_000;
/** A newer version of the product is noticed after so long at most. */
const SCHEMA_BELIEVED = 1_000;

type Monotonic = () => number;

interface Episode {
  readonly trouble: DatabaseTrouble;
  readonly failedAt: number;
}

/** What is known of a database from the statements that were made: whether it can be used, logged at most once a minute. */
export class DatabaseHealth {
  readonly #journal: Journal;
  readonly #now: Monotonic;
  readonly meter: Pick<Meter, 'databaseFailed' | 'queried'> | undefined;
  #reading: Episode | null = null;
  #writing: Episode | null = null;
  #failures = 0;
  #isReported = false;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(
    journal: Journal,
    now: Monotonic = () => performance.now(),
    meter?: Pick<Meter, 'databaseFailed' | 'queried'>,
  ) {
    this.#journal = journal;
    this.#now = now;
    this.meter = meter;
  }

  failed(kind: 'reading' | 'writing', trouble: DatabaseTrouble): void {
    this.meter?.databaseFailed(trouble.faultCode);
    const now = this.#now();
    const episode = { trouble, failedAt: now };
    if (kind === 'reading') this.#reading = episode;
    else this.#writing = episode;
    this.#failures += 1;
    if (now - this.#reportedAt < MINUTE) return;
    this.#journal.warn('database-unavailable', {
      code: trouble.faultCode,
      reason: trouble.reason,
      error: trouble.cause instanceof Error ? trouble.cause.message : undefined,
      failures: this.#failures,
    });
    this.#failures = 0;
    this.#reportedAt = now;
    this.#isReported = true;
  }

  succeeded(kind: 'reading' | 'writing'): void {
    if (this.#reading === null && this.#writing === null) return;
    if (kind === 'reading') this.#reading = null;
    else if (this.#writing !== null && this.#now() - this.#writing.failedAt >= STICKY) this.#writing = null;
    if (!this.#isReported || this.#reading !== null || this.#writing !== null) return;
    this.#isReported = false;
    this.#journal.note('database-recovered', { failures: this.#failures });
    this.#failures = 0;
  }

  /** Why it cannot be used now, as far as is known. */
  trouble(): DatabaseTrouble | null {
    return (this.#writing ?? this.#reading)?.trouble ?? null;
  }
}

/**
 * The same database for a server: the outcome of its statements is reported to `health`, and nothing is written any more once a newer
 * version of the product changed the schema.
 */
export class GuardedDatabase implements Database {
  readonly dialect: Database['dialect'];
  readonly name: string;
  readonly #database: Database;
  readonly #health: DatabaseHealth;
  readonly #now: Monotonic;
  #checkedAt: number;
  #checking: Promise<void> | null = null;

  constructor(database: Database, health: DatabaseHealth, now: Monotonic = () => performance.now()) {
    this.dialect = database.dialect;
    this.name = database.name;
    this.#database = database;
    this.#health = health;
    this.#now = now;
    this.#checkedAt = now();
  }

  // Stores hand these three on as they are.
  readonly read: Run = (query) => this.#reported('reading', () => this.#database.read(query));

  readonly browse: Run = (query) => this.#reported('reading', () => this.#database.browse(query));

  readonly write: Run = (query) =>
    this.#reported('writing', async () => {
      await this.#requireOurSchema();
      return this.#database.write(query);
    });

  alone(purpose: Purpose, query: Query): Promise<readonly Row[]> {
    return this.#reported('writing', async () => {
      await this.#requireOurSchema();
      return this.#database.alone(purpose, query);
    });
  }

  exclusive<T>(purpose: Purpose, work: (run: Run, runAll: RunAll) => Promise<T>): Promise<T> {
    return this.#reported('writing', async () => {
      await this.#requireOurSchema();
      return this.#database.exclusive(purpose, work);
    });
  }

  snapshot<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#reported('reading', () => this.#database.snapshot(work));
  }

  listen(onNotice: () => void): void {
    this.#database.listen?.(onNotice);
  }

  get library(): LibraryStatements | undefined {
    const { library } = this.#database;
    if (library === undefined) return undefined;
    const guarded = <T>(work: () => Promise<T>): Promise<T> =>
      this.#reported('writing', async () => {
        await this.#requireOurSchema();
        return work();
      });
    return {
      run: (text, values) => guarded(() => library.run(text, values)),
      transaction: (work) => guarded(() => library.transaction(work)),
    };
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #requireOurSchema(): Promise<void> {
    if (this.#checking === null && this.#now() - this.#checkedAt < SCHEMA_BELIEVED) return;
    this.#checking ??= checkSchema(this.#database)
      .then(() => {
        this.#checkedAt = this.#now();
      })
      .finally(() => {
        this.#checking = null;
      });
    await this.#checking;
  }

  async #reported<T>(kind: 'reading' | 'writing', work: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      const result = await work();
      this.#health.succeeded(kind);
      this.#health.meter?.queried(kind, this.#now() - startedAt);
      return result;
    } catch (error) {
      if (error instanceof DatabaseTrouble) this.#health.failed(kind, error);
      throw error;
    }
  }
}
