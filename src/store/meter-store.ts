import type { Measured } from '../domain/meter.js';
import type { Database, Row } from './engine/database.js';
import { integer, json, oneOf, text, toJson } from './engine/rows.js';
import { type Query, sql } from './engine/sql.js';

const metrics: readonly Measured['metric'][] = ['rendered', 'refreshed', 'called', 'misplaced'];

/** Rows of one statement: engines bound how many values one may carry. */
const AT_ONCE = 200;

const valuesOf = (process: string, rows: readonly Measured[]): Query =>
  rows
    .map(
      ({ at, metric, of, outcome, count, sum, buckets }) => sql`
        (${at}, ${metric}, ${of}, ${outcome}, ${count}, ${sum}, ${toJson(buckets)}, ${process})`,
    )
    .reduce((all, one) => sql`${all}, ${one}`);

const measuredOf = (row: Row): Measured => ({
  at: integer(row, 'at'),
  metric: oneOf(row, 'metric', metrics),
  of: text(row, 'subject'),
  outcome: text(row, 'outcome'),
  count: integer(row, 'count'),
  sum: integer(row, 'sum'),
  buckets: json<readonly number[]>(row, 'buckets'),
});

const keyOf = ({ at, metric, of, outcome }: Measured): string => JSON.stringify([at, metric, of, outcome]);

const together = (one: Measured, other: Measured): Measured => ({
  ...one,
  count: one.count + other.count,
  sum: one.sum + other.sum,
  buckets:
    one.buckets.length === 0 ? other.buckets : one.buckets.map((count, n) => count + (other.buckets[n] ?? 0)),
});

/** Counts of five minutes, a row for each process, added up when they are read. */
export class MeterStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What `process` counted so far in each five minutes: replaces what it said of them before. */
  async put(process: string, rows: readonly Measured[]): Promise<void> {
    await this.#database.exclusive('meter', async (run) => {
      for (let from = 0; from < rows.length; from += AT_ONCE)
        await run(sql`
          insert into measured (at, metric, subject, outcome, count, sum, buckets, process)
          values ${valuesOf(process, rows.slice(from, from + AT_ONCE))}
          on conflict (at, metric, subject, outcome, process) do update
          set count = excluded.count, sum = excluded.sum, buckets = excluded.buckets`);
    });
  }

  /** Of all processes together. */
  async since(from: number): Promise<readonly Measured[]> {
    const rows = await this.#database.browse(sql`
      select at, metric, subject, outcome, count, sum, buckets from measured where at >= ${from} order by at`);
    const all = new Map<string, Measured>();
    for (const measured of rows.map(measuredOf)) {
      const known = all.get(keyOf(measured));
      all.set(keyOf(measured), known === undefined ? measured : together(known, measured));
    }
    return [...all.values()];
  }

  async sweep(before: number): Promise<void> {
    await this.#database.write(sql`delete from measured where at < ${before}`);
  }
}
