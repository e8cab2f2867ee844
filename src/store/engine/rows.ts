import type { Account } from '../../domain/connection.js';
import { type Viewer, viewerOf } from '../../domain/viewer.js';
import type { Row } from './database.js';

const wrong = (column: string): Error =>
  new Error(`Column ${column} holds something this version did not write.`);

export const text = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value !== 'string') throw wrong(column);
  return value;
};

export const integer = (row: Row, column: string): number => {
  const value = row[column];
  if (!Number.isSafeInteger(value)) throw wrong(column);
  return value as number;
};

/** A value of a closed set of words. */
export const oneOf = <T extends string>(row: Row, column: string, words: readonly T[]): T => {
  const word = words.find((each) => each === row[column]);
  if (word === undefined) throw wrong(column);
  return word;
};

/** Null where the column is, else what `read` makes of it: `maybe(text)(row, 'reason')`. */
export const maybe =
  <T>(read: (row: Row, column: string) => T) =>
  (row: Row, column: string): T | null =>
    row[column] === null ? null : read(row, column);

/** A JSON column. Only `store` writes it, so its shape is that of the type it was written from. */
export const json = <T>(row: Row, column: string): T => JSON.parse(text(row, column)) as T;

/**
 * How text from outside is stored: JSON escapes NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 would
 * make equal to one another.
 */
export const toJson = (value: unknown): string => JSON.stringify(value);

/** The first row, where a statement gives one at most. */
export const first = <T>(rows: readonly Row[], read: (row: Row) => T): T | null =>
  rows[0] === undefined ? null : read(rows[0]);

/** The Viewer a ViewerId names. */
export const viewer = (row: Row, column: string): Viewer => {
  const [host, sub] = json<[string, string]>(row, column);
  return viewerOf(host, sub);
};

/** The columns `account_id` and `account_label`. */
export const account = (row: Row): Account | null =>
  row.account_id === null
    ? null
    : { id: json<string>(row, 'account_id'), label: json<string>(row, 'account_label') };
