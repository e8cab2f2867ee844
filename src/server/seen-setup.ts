import { type Declared, declared } from '../admin/records/declared.js';
import { type Reading, readTolerantly } from '../admin/records/tolerant-reading.js';
import type { FileEntries, ReadEntries } from '../config/read-entries.js';
import type { SetupRecord } from '../domain/setup-record.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import type { SetupStore } from '../store/setup-stores.js';

/** File and store as they stood together at one moment. */
export interface Seen {
  readonly revision: number;
  readonly records: readonly SetupRecord[];
  readonly all: Declared;
  readonly reading: Reading;
}

/** Reads the store, by the keys of `ring` where it is given, together with what a file declares. */
export const seenIn = async (
  setup: SetupStore,
  file: FileEntries,
  read: ReadEntries,
  ring?: readonly SealingKey[],
): Promise<Seen> => {
  const revision = await setup.revision();
  const records = await setup.all(ring);
  const all = declared(file, records);
  return { revision, records, all, reading: readTolerantly(read, file, all) };
};
