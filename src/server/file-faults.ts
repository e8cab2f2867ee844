import { clashes, declared, isOf, type Reading, readTolerantly } from '../admin/records/declared.js';
import type { Config } from '../config/config.js';
import { apiFaults } from '../config/declared-gadgets.js';
import { entriesIn, type FileEntries, type ReadEntries } from '../config/read-entries.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import type { SetupRecord } from '../domain/setup-record.js';
import { readerFor, type Seen } from './setup-content.js';

/** What keeps a server from starting by a file, as it reads together with these records. */
export const startFaults = (
  file: FileEntries,
  records: readonly SetupRecord[],
  { inFile }: Pick<Reading, 'inFile'>,
): readonly Fault[] => [...clashes(file, records), ...inFile];

/**
 * What keeps a changed file from being taken: its own faults, and what it would do to records that serve now (`before` are the faults of
 * others). A bound that is drawn closer stops records, and no record keeps it from that: `unbound` reads without one.
 */
export const faultsOfChange = (
  file: FileEntries,
  unbound: ReadEntries,
  { records, all, reading }: Seen,
  before: readonly Fault[],
): readonly Fault[] => [
  ...startFaults(file, records, reading),
  ...readTolerantly(unbound, file, all).inStore.filter(
    (fault) =>
      !records.some(({ kind, id }) => isOf(kind, id, fault) && before.some((old) => isOf(kind, id, old))),
  ),
];

/** The same for who starts nothing, and what would keep gadgets from showing what they could. */
export const faultsBeside = (
  config: Config,
  gadgets: readonly Gadget[],
  records: readonly SetupRecord[],
): readonly Fault[] => {
  const file = entriesIn(config);
  const reading = readTolerantly(readerFor(config, gadgets), file, declared(file, records));
  return [
    ...startFaults(file, records, reading),
    ...apiFaults(reading.hosts, reading.providers, gadgets, config.file),
  ];
};
