import type { Config } from '../../config/config.js';
import { entriesIn } from '../../config/read-entries.js';
import type { Fault } from '../../domain/fault.js';
import type { Gadget } from '../../domain/gadget.js';
import type { FileEntries, SetupRecord } from '../../domain/setup.js';
import { clashes, declared } from '../../manage/records/declared.js';
import { type Reading, readTolerantly } from '../../manage/records/reading.js';
import { readerFor } from './setup-content.js';

/** What keeps a server from starting by a file, as it reads together with these records. */
export const startFaults = (
  file: FileEntries,
  records: readonly SetupRecord[],
  { inFile }: Pick<Reading, 'inFile'>,
): readonly Fault[] => [...clashes(file, records), ...inFile];

/** The same, for who starts nothing. */
export const faultsBeside = (
  config: Config,
  gadgets: readonly Gadget[],
  records: readonly SetupRecord[],
): readonly Fault[] => {
  const file = entriesIn(config);
  const reading = readTolerantly(readerFor(config, gadgets), file, declared(file, records));
  return startFaults(file, records, reading);
};
