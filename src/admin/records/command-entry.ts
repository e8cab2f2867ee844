import { type EntryFile, readEntry, readValue } from '../../config/read-entry.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Entry, SetupKind } from '../../domain/setup-record.js';
import { secretsIn } from './masking.js';

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

/** Everybody on this machine can see the words of a command, and the shell keeps them. */
const refuseSecrets = (kind: SetupKind, key: string, text: string, value: unknown): void => {
  const secrets = [...secretsIn(kind, changedAt({}, key.split('.'), value))];
  const literal = secrets.find(([, secret]) => typeof secret === 'string' && !text.includes('${'));
  if (literal !== undefined)
    throw new Error(
      `A secret does not belong on the command line, where others see it. Name a variable or a file that holds it, in single quotes: --set '${literal[0]}=\${NAME}' or '${literal[0]}=\${file:path}'.`,
    );
};

const assignment = (kind: SetupKind, text: string): readonly [path: readonly string[], value: unknown] => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new Error(
      `--set takes KEY=VALUE, such as --set name=Wiki; this is no such thing: ${text.slice(0, 20)}`,
    );
  const read = readValue(value, `--set ${key}`);
  refuseSecrets(kind, key, value, read);
  return [key.split('.'), read];
};

/** What a command is to save or to try. */
export interface GivenEntry {
  readonly entry: Entry;
  /** Does `work` with it; what is wrong with it is told by the lines of the file it was read from. */
  placing<T>(id: string, work: () => Promise<T>): Promise<T>;
}

const placing =
  (kind: SetupKind, read: EntryFile | null): GivenEntry['placing'] =>
  async (id, work) => {
    try {
      return await work();
    } catch (error) {
      if (read === null || !(error instanceof InvalidRecord)) throw error;
      throw new InvalidRecord(read.located(error.faults, `${kind}s.${id}`));
    }
  };

/**
 * What the options make of an entry: `--file` takes its place, then `--set` and `--unset` change single keys of it. Throws
 * `ConfigFaults`, and an Error with a sentence.
 */
export const entryFrom = (
  kind: SetupKind,
  before: Entry,
  { file, set = [], unset = [] }: EntryOptions,
): GivenEntry => {
  const read = file === undefined ? null : readEntry(file);
  const begun = read?.entry ?? before;
  const changed = set
    .map((text) => assignment(kind, text))
    .reduce((entry, [path, value]) => changedAt(entry, path, value), begun);
  return {
    entry: unset.reduce((entry, key) => changedAt(entry, key.split('.'), undefined), changed),
    placing: placing(kind, read),
  };
};
