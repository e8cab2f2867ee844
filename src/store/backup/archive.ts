import type { Archive, ArchivedRow } from '../../domain/archive.js';
import type { Database, Row, Run } from '../engine/database.js';
import { migrations } from '../engine/migrations.js';
import { joined, type Query, raw, sql, type Value } from '../engine/sql.js';
import { ARCHIVED, type ArchivedTable } from './archive-tables.js';

/** Rows in memory at a time. */
const PAGE = 500;

const keyOf = (row: Row, { key }: ArchivedTable): readonly Value[] =>
  key.map((column) => row[column] ?? null);

/** The next rows in the order of the primary key. */
const page = (table: ArchivedTable, after: readonly Value[] | null): Query => {
  const columns = joined(table.key.map(raw));
  const from = sql`select * from ${raw(table.name)}`;
  const rest = sql`order by ${columns} limit ${PAGE}`;
  return after === null
    ? sql`${from} ${rest}`
    : sql`${from} where (${columns}) > (${joined(after.map((value) => sql`${value}`))}) ${rest}`;
};

async function* rowsOf(run: Run, table: ArchivedTable): AsyncGenerator<ArchivedRow> {
  let after: readonly Value[] | null = null;
  for (;;) {
    const rows: readonly Row[] = await run(page(table, after));
    for (const row of rows) yield { table: table.name, row };
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = keyOf(last, table);
  }
}

interface Moment {
  readonly run: Run;
  /** Lets go of it; resolves when it is gone. */
  end(): Promise<void>;
}

/** A snapshot that lives until it is told to end. */
const moment = (database: Database): Promise<Moment> =>
  new Promise((resolve, reject) => {
    const gone: Promise<void> = database.snapshot(
      (run) =>
        new Promise<void>((end) => {
          resolve({
            run,
            end: () => {
              end();
              return gone;
            },
          });
        }),
    );
    gone.catch(reject);
  });

/** Reads `database` as of one moment, however long it takes and whatever is written meanwhile. */
export const archiveOf = (database: Database): Archive => ({
  schema: migrations.length,
  async *rows() {
    const { run, end } = await moment(database);
    try {
      for (const table of ARCHIVED) yield* rowsOf(run, table);
    } finally {
      await end();
    }
  },
});
