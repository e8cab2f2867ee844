import type { Entries, FileEntries, KnownIds, ReadEntries } from '../../config/read-entries.js';
import type { Fault } from '../../domain/fault.js';
import { type Entry, GROUP, type SetupKind, type SetupRecord } from '../../domain/setup-record.js';
import type { Host } from '../../hosts/host.js';
import type { ProviderDraft } from '../../providers/provider.js';

/** What a fault calls the place of a record that the store holds. */
export const CONSOLE = 'the console';

/** All providers and hosts that are declared anywhere, to be read together. */
export interface Declared {
  readonly hosts: Entries;
  readonly providers: Entries;
  /** Ids of records that are being removed, or that no key opens, and of all others. */
  readonly known: KnownIds;
  /**
   * What records of the store name, whether or not it is there (any more): removing one record must not stop another. The next change of
   * such a record reports it.
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

/** Both places together. What is being removed is no longer declared, wherever it was; where both declare an id, the file counts. */
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

/** What of all that is declared can be used, and what is wrong with the rest. */
export interface Reading {
  readonly hosts: readonly Host[];
  readonly providers: readonly ProviderDraft[];
  readonly inFile: readonly Fault[];
  readonly inStore: readonly Fault[];
}

/** Whether a fault stands in this record. */
export const isOf = (kind: SetupKind, id: string, { path }: Fault): boolean => {
  const whole = `${GROUP[kind]}.${id}`;
  return path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);
};

/** The faults of what is declared, each with the place it stands in. */
export const faultsOf = (read: ReadEntries, file: FileEntries, all: Declared): readonly Fault[] => {
  const result = read(all, all.known);
  return 'faults' in result ? result.faults.map((fault) => inPlace(file, fault)) : [];
};

const ownersIn = (
  all: Pick<Declared, 'hosts' | 'providers'>,
  fault: Fault,
): readonly (readonly [SetupKind, string])[] =>
  (['host', 'provider'] as const).flatMap((kind) =>
    Object.keys(all[GROUP[kind]])
      .filter((id) => isOf(kind, id, fault))
      .map((id) => [kind, id] as const),
  );

const inPlace = (file: FileEntries, fault: Fault): Fault =>
  ownersIn(file, fault).length > 0 ? { ...fault, file: file.file } : fault;

/** Reads what can be read: a record with a mistake is left out, and the others go on. */
export const readTolerantly = (read: ReadEntries, file: FileEntries, all: Declared): Reading => {
  const found: Fault[] = [];
  const known = {
    host: [...all.known.host, ...all.named.host],
    provider: [...all.known.provider, ...all.named.provider],
  };
  let rest = all;
  for (;;) {
    const result = read(rest, known);
    if (!('faults' in result)) {
      const inFile = found.filter((fault) => fault.file === file.file);
      return { ...result, inFile, inStore: found.filter((fault) => !inFile.includes(fault)) };
    }
    found.push(...result.faults.map((fault) => inPlace(file, fault)));
    const bad = result.faults.flatMap((fault) => ownersIn(rest, fault));
    // A fault that belongs to no record cannot be left out.
    if (bad.length === 0) throw new Error(result.faults.map(({ problem }) => problem).join('; '));
    const keep = (kind: SetupKind) =>
      Object.fromEntries(
        Object.entries(rest[GROUP[kind]]).filter(
          ([id]) => !bad.some((each) => each[0] === kind && each[1] === id),
        ),
      );
    rest = { ...rest, hosts: keep('host'), providers: keep('provider') };
  }
};
