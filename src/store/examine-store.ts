import type { SetupRecord } from '../domain/setup-record.js';
import { keyColumns } from './engine/key-order.js';
import { requireSchema } from './engine/migrate.js';
import { openDatabase } from './engine/open-database.js';
import { text } from './engine/rows.js';
import { raw, sql } from './engine/sql.js';
import { sealer } from './sealing/seal.js';
import { SEALED } from './sealing/sealed-columns.js';
import type { SealingKey } from './sealing/sealing-key.js';
import { setupStore } from './setup-record-store.js';

/** So many sealed values of a kind are tried: a ring that fits opens the first. */
const SAMPLE = 50;

/** What a store holds, as a key ring opens it. */
export interface ExaminedStore {
  readonly records: readonly SetupRecord[];
  /** Of the sealed values that were tried, how many the ring opens, and how many it does not. */
  readonly opened: number;
  readonly unopened: number;
}

/** Looks into the database named by `url` and changes nothing. Throws `DatabaseTrouble` when it is not there, not ours, or of another schema. */
export const examineStore = async (url: string, keys: readonly SealingKey[]): Promise<ExaminedStore> => {
  const seals = sealer(keys);
  const database = await openDatabase(url, { create: false });
  try {
    await requireSchema(database);
    let [opened, unopened] = [0, 0];
    for (const sealed of SEALED) {
      const column = raw(sealed.column);
      const rows = await database.read(sql`
        select * from ${raw(sealed.table)} where ${column} is not null
        order by ${keyColumns(sealed)} limit ${SAMPLE}`);
      for (const row of rows) {
        if (seals.open(text(row, sealed.column), sealed.place(row)) === null) unopened += 1;
        else opened += 1;
      }
    }
    return { records: await setupStore(database, seals).all(), opened, unopened };
  } finally {
    await database.close();
  }
};
