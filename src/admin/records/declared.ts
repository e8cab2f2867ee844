import type { Entries, FileEntries, KnownIds } from '../../config/read-entries.js';
import type { Fault } from '../../domain/fault.js';
import { type Entry, GROUP, type SetupKind, type SetupRecord } from '../../domain/setup-record.js';

/** What a fault calls the place of a record that the store holds. */
export const CONSOLE = 'the console';

/** All providers and hosts that are declared anywhere, to be read together. */
export interface Declared {
  readonly hosts: Entries;
  readonly providers: Entries;
  /** Ids of records that are being removed, or that no key opens, and of all others. */
  readonly known: KnownIds;
  /**
   * What records of the store name, whether or not it is there (any more): to remove one record must not stop another. Whoever changes
   * such a record next is told.
   */
  readonly named: KnownIds;
}

/** The entry of a record, unless no key opens it. The seal proves that we wrote it. */
export const entryOf = ({ entry }: SetupRecord): Entry | null =>
  entry === null ? null : (JSON.parse(entry.reveal()) as Entry);

const idsOf = (kind: SetupKind, file: FileEntries, records: readonly SetupRecord[]): readonly string[] => [
  ...Object.keys(file[GROUP[kind]]),
  ...records.filter((record) => record.kind === kind).map(({ id }) => id),
];

const keysOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** What the records of the store name. */
const namedBy = (records: readonly SetupRecord[]): KnownIds => {
  const entriesOf = (kind: SetupKind): readonly Entry[] =>
    records
      .filter((record) => record.kind === kind)
      .map(entryOf)
      .filter((entry) => entry !== null);
  return {
    host: entriesOf('provider').flatMap(({ clients }) => keysOf(clients)),
    provider: entriesOf('host').flatMap(({ providers }) => textsIn(providers)),
  };
};

/** Both places together. What is leaving is declared no more, wherever it stood; where both declare an id, the file counts. */
export const declared = (file: FileEntries, records: readonly SetupRecord[]): Declared => {
  const entriesOf = (kind: SetupKind): Entries => {
    const own = records.filter((record) => record.kind === kind);
    const leaving = new Set(own.filter(({ leavingAt }) => leavingAt !== null).map(({ id }) => id));
    const made = own
      .filter(({ id }) => !leaving.has(id))
      .flatMap((record) => {
        const entry = entryOf(record);
        return entry === null ? [] : [[record.id, entry] as const];
      });
    const inFile = Object.entries(file[GROUP[kind]]).filter(([id]) => !leaving.has(id));
    return Object.fromEntries([...made, ...inFile]);
  };
  return {
    hosts: entriesOf('host'),
    providers: entriesOf('provider'),
    known: { host: idsOf('host', file, records), provider: idsOf('provider', file, records) },
    named: namedBy(records),
  };
};

/** Ids that both places declare. */
export const clashes = (file: FileEntries, records: readonly SetupRecord[]): readonly Fault[] =>
  records
    .filter(({ kind, id, leavingAt }) => leavingAt === null && Object.hasOwn(file[GROUP[kind]], id))
    .map(({ kind, id }) => ({
      file: file.file,
      path: `${GROUP[kind]}.${id}`,
      line: null,
      problem: `the ${kind} ${id} is declared both here and in the console`,
      expected: `one of the two: take it out of this file, or out of the console with \`oriel ${kind} remove ${id}\`, which leaves its connections to this file`,
      example: null,
    }));
