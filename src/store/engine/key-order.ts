import type { Row } from './database.js';
import { joined, type Query, raw, sql, type Value } from './sql.js';

/** A table and the columns of its primary key. */
export interface Keyed {
  readonly table: string;
  readonly key: readonly [string, ...string[]];
}

/** The columns of the key as they are written in a statement. */
export const keyColumns = ({ key }: Keyed): Query => joined(key.map(raw));

export const keyIn = (row: Row, { key }: Keyed): readonly Value[] => key.map((column) => row[column] ?? null);

/** At most `limit` rows, in the order of their keys, after the one with the key `after`: nothing before it is read again. */
export const rowsAfter = (
  keyed: Keyed,
  after: readonly Value[] | null,
  limit: number,
  condition: Query = sql`1 = 1`,
): Query => {
  const key = keyColumns(keyed);
  const beyond =
    after === null ? sql`` : sql`and (${key}) > (${joined(after.map((value) => sql`${value}`))})`;
  return sql`
    select * from ${raw(keyed.table)} where ${condition} ${beyond} order by ${key} limit ${limit}`;
};
