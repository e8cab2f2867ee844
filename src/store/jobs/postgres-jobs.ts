import { createHash } from 'node:crypto';
import PgBoss from 'pg-boss';
import type { Journal } from '../../domain/system.js';
import { DatabaseTrouble } from '../database-trouble.js';
import type { LibraryStatements, RunText } from '../engine/database.js';
import { troubleOf } from '../engine/database-faults.js';
import { type JobStore, LEASE, type NextTurn, type PendingJob, type TakenJob } from './job-store.js';

const QUEUE = 'upkeep';
/** So often what is being made may be found to be there already. */
const MEETINGS = 5;
/** SQLSTATE: unique_violation (of a catalog), duplicate_schema, duplicate_table, duplicate_function, duplicate_object. */
const MADE = /^(23505|42P06|42P07|42723|42710)$/;
const SECOND = 1000;
/** By default, s; one of all processes does so. */
const SUPERVISED = 5;
/** A job goes on until it is finished, however many processes died of it or with it. */
const WITHOUT_END = 1_000_000;

interface Opened {
  readonly boss: PgBoss;
  readonly schema: string;
}

/** What a job of ours is to the queue: its name is not that of a queue, so that one question finds whatever is due. */
interface Content {
  readonly name: string;
  readonly data: unknown;
}

const isMadeAlready = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && MADE.test(String(error.code));

/** One id for each name: the queue takes no second job of the same id. */
const idOf = (name: string): string =>
  createHash('sha256')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

const contentOf = (job: { readonly data: unknown }): Content => job.data as Content;

/** The schema of the queue's tables: two servers may share a database, each in a schema of its own. */
const schemaBeside = async (run: RunText): Promise<string> => {
  const { rows } = await run('select current_schema()::text as name');
  const name = String(rows[0]?.name ?? 'public').replace(/\W/g, '_');
  return name === 'public' ? 'oriel_jobs' : `${name.slice(0, 40)}_jobs`;
};

const notAllowed = (name: string): string =>
  `The user of the database ${name} may not create a schema, and the queue of background work needs one of its own. Run “grant create on database … to …” as its owner, start Oriel or run “oriel migrate” once, and take the right back if you like.`;

/** The jobs of all processes of a PostgreSQL, in a queue of pg-boss, which keeps its tables in a schema beside ours. By PostgreSQL's clock. */
export class PostgresJobs implements JobStore {
  readonly #name: string;
  readonly #statements: LibraryStatements;
  readonly #journal: Journal;
  readonly #supervised: number;
  #opening: Promise<Opened> | null = null;

  /** `name` is where the database is; `supervised` how often jobs are looked for whose process is gone, s. */
  constructor(
    name: string,
    statements: LibraryStatements,
    journal: Journal,
    { supervised = SUPERVISED }: { readonly supervised?: number } = {},
  ) {
    this.#supervised = supervised;
    this.#name = name;
    this.#statements = statements;
    this.#journal = journal;
  }

  async prepare(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (!(error instanceof DatabaseTrouble) || error.fault !== 'forbidden') throw error;
      throw troubleOf('forbidden', this.#name, { cause: error, detail: notAllowed(this.#name) });
    }
  }

  async ask(name: string, { after, data }: NextTurn): Promise<void> {
    const { boss } = await this.#open();
    await boss.send(QUEUE, { name, data }, { id: idOf(name), startAfter: after / SECOND });
  }

  async take(): Promise<TakenJob | null> {
    const { boss } = await this.#open();
    const [job] = await boss.fetch<Content>(QUEUE, { includeMetadata: true });
    return job === undefined ? null : { ...contentOf(job), turn: job.startedOn.toISOString() };
  }

  async renew(job: TakenJob): Promise<TakenJob | null> {
    const { schema } = await this.#open();
    // This version of the library has nothing for it. Its clock and what it goes by are these columns of its documented table.
    const { rows } = await this.#statements.run(
      `update ${schema}.job set started_on = now()
      where name = $1 and id = $2 and state = 'active' and date_trunc('milliseconds', started_on) = $3
      returning started_on`,
      [QUEUE, idOf(job.name), job.turn],
    );
    const startedOn = rows[0]?.started_on;
    return startedOn instanceof Date ? { ...job, turn: startedOn.toISOString() } : null;
  }

  async finish({ name, turn }: TakenJob, next: NextTurn | null): Promise<void> {
    const { boss } = await this.#open();
    const id = idOf(name);
    await this.#statements.transaction(async (run) => {
      const db = { executeSql: run };
      const job = await boss.getJobById(QUEUE, id, { db, includeArchive: false });
      if (job?.state !== 'active' || job.startedOn.toISOString() !== turn) return;
      await boss.deleteJob(QUEUE, id, { db });
      if (next === null) return;
      await boss.send(QUEUE, { name, data: next.data }, { id, startAfter: next.after / SECOND, db });
    });
  }

  async find(name: string): Promise<PendingJob | null> {
    const { boss } = await this.#open();
    const job = await boss.getJobById<Content>(QUEUE, idOf(name));
    return job === null ? null : { data: contentOf(job).data, isTaken: job.state === 'active' };
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => null);
    await opened?.boss.stop({ graceful: false });
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#make().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** What one process makes another one may be making: two that make the same schema can meet in spite of the library's lock. */
  async #make(): Promise<Opened> {
    for (let left = MEETINGS; ; left -= 1) {
      try {
        return await this.#start();
      } catch (error) {
        if (left === 0 || !isMadeAlready(error)) throw error;
      }
    }
  }

  async #start(): Promise<Opened> {
    const { run } = this.#statements;
    const schema = await schemaBeside(run);
    const boss = new PgBoss({
      db: { executeSql: run },
      schema,
      schedule: false,
      maintenanceIntervalSeconds: this.#supervised,
      expireInSeconds: LEASE / SECOND,
      retryLimit: WITHOUT_END,
      retryDelay: 0,
    });
    boss.on('error', (error) => {
      // What keeps the database from being used is in the log already.
      if (!(error instanceof DatabaseTrouble)) this.#journal.warn('upkeep-failed', { error: error.message });
    });
    await boss.start();
    await boss.createQueue(QUEUE);
    return { boss, schema };
  }
}
