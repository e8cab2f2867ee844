import { readEntry, readValue } from '../config/read-entry.js';
import type { Entry } from '../domain/setup.js';

/** How an entry is given on the command line. */
export interface EntryOptions {
  readonly file?: string;
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
}

const isGroup = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (entry: Entry, key: string): Entry =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => name !== key));

/** The entry with another value at a path of keys; without one, where the value is undefined. */
const changedAt = (entry: Entry, [key, ...rest]: readonly string[], value: unknown): Entry => {
  if (key === undefined) return entry;
  const old = Object.hasOwn(entry, key) ? entry[key] : undefined;
  const next = rest.length === 0 ? value : changedAt(isGroup(old) ? old : {}, rest, value);
  return next === undefined ? without(entry, key) : { ...without(entry, key), [key]: next };
};

const assignment = (text: string): readonly [path: readonly string[], value: unknown] => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new Error(
      `--set takes KEY=VALUE, such as --set name=Wiki; this is no such thing: ${text.slice(0, 20)}`,
    );
  return [key.split('.'), readValue(value, `--set ${key}`)];
};

/**
 * What the options make of an entry: `--file` takes its place, then `--set` and `--unset` change single keys of it. Throws
 * `ConfigFaults`, and an Error with a sentence.
 */
export const entryFrom = (before: Entry, { file, set = [], unset = [] }: EntryOptions): Entry => {
  const begun = file === undefined ? before : readEntry(file);
  const changed = set.map(assignment).reduce((entry, [path, value]) => changedAt(entry, path, value), begun);
  return unset.reduce((entry, key) => changedAt(entry, key.split('.'), undefined), changed);
};
