import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/system.js';
import type { Database } from '../engine/database.js';
import { first, json, maybe, text, toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import { type JobStore, LEASE, type NextTurn, type PendingJob, type TakenJob } from './job-store.js';

/** No turn is further away than this, ms: one that seems to be was set by a clock that has been put back since. */
const FURTHEST = 24 * 60 * 60_000;

const takerOf = maybe(text);

/** The jobs of processes on one machine, in a table of their own. */
export class SqliteJobs implements JobStore {
  readonly #database: Database;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(database: Database, clock: Pick<Clock, 'now'>) {
    this.#database = database;
    this.#clock = clock;
  }

  async prepare(): Promise<void> {
    // Its table comes with the schema.
  }

  async ask(name: string, { after, data }: NextTurn): Promise<void> {
    await this.#database.write(sql`
      insert into job (name, data, due_at) values (${name}, ${toJson(data)}, ${this.#in(after)})
      on conflict (name) do nothing`);
  }

  async take(): Promise<TakenJob | null> {
    const now = this.#in(0);
    const isFree = sql`
      (due_at <= ${now} or due_at > ${now + FURTHEST})
      and (taken_by is null or taken_until <= ${now} or taken_until > ${now + LEASE})`;
    // Asked every second, and seldom in vain: a write waits for the disk.
    const due = await this.#database.read(sql`select name from job where ${isFree} order by due_at limit 1`);
    const name = first(due, (row) => text(row, 'name'));
    if (name === null) return null;
    const turn = randomBytes(16).toString('base64url');
    const taken = await this.#database.write(sql`
      update job set taken_by = ${turn}, taken_until = ${now + LEASE} where name = ${name} and ${isFree}
      returning data`);
    return first(taken, (row) => ({ name, data: json<unknown>(row, 'data'), turn }));
  }

  async renew(job: TakenJob): Promise<TakenJob | null> {
    const rows = await this.#database.write(sql`
      update job set taken_until = ${this.#in(LEASE)} where name = ${job.name} and taken_by = ${job.turn} returning 1 as done`);
    return rows.length > 0 ? job : null;
  }

  async finish({ name, turn }: TakenJob, next: NextTurn | null): Promise<void> {
    await this.#database.write(
      next === null
        ? sql`delete from job where name = ${name} and taken_by = ${turn}`
        : sql`
            update job
            set data = ${toJson(next.data)}, due_at = ${this.#in(next.after)}, taken_by = null, taken_until = null
            where name = ${name} and taken_by = ${turn}`,
    );
  }

  async find(name: string): Promise<PendingJob | null> {
    const rows = await this.#database.read(sql`select data, taken_by from job where name = ${name}`);
    return first(rows, (row) => ({
      data: json<unknown>(row, 'data'),
      isTaken: takerOf(row, 'taken_by') !== null,
    }));
  }

  async close(): Promise<void> {
    // Nothing runs here by itself.
  }

  #in(ms: number): number {
    return Math.floor(this.#clock.now() + ms);
  }
}
