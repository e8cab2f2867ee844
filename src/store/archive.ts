import type { Archive } from '../domain/archive.js';
import { ARCHIVED, type ArchivedTable } from './archive-tables.js';
import type { Database, Row, Run } from './database.js';
import { migrations } from './migrations.js';
import { joined, type Query, raw, sql, type Value } from './sql.js';

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

const rowsOf = async (run: Run, table: ArchivedTable, take: (row: Row) => Promise<void>): Promise<void> => {
  let after: readonly Value[] | null = null;
  for (;;) {
    const rows: readonly Row[] = await run(page(table, after));
    for (const row of rows) await take(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = keyOf(last, table);
  }
};

/** Reads `database` as of one moment, however long it takes and whatever is written meanwhile. */
export const archiveOf = (database: Database): Archive => ({
  schema: migrations.length,
  rows: (take) =>
    database.snapshot(async (run) => {
      for (const table of ARCHIVED) await rowsOf(run, table, (row) => take({ table: table.name, row }));
    }),
});
