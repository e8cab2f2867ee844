import { verify } from '../audit/audit-verify.js';
import { DatabaseTrouble } from '../database-trouble.js';
import type { Database, Row } from '../engine/database.js';
import { keyIn, rowsAfter } from '../engine/key-order.js';
import { tablesIn } from '../engine/migrate.js';
import { openDatabase } from '../engine/open-database.js';
import { text } from '../engine/rows.js';
import { raw, sql, type Value } from '../engine/sql.js';
import { sealer } from '../sealing/seal.js';
import { SEALED } from '../sealing/sealed-columns.js';
import type { SealingKey } from '../sealing/sealing-key.js';
import type { ArchivedRow, ArchiveHead, Proof, Restoring } from './archived-rows.js';
import { restoreInto } from './restore.js';

const PAGE = 500;

/** Opens every sealed value there is, to see whether the key ring fits what was restored. */
const openEverything = async (
  database: Database,
  keys: readonly SealingKey[],
): Promise<Pick<Proof, 'opened' | 'unopened'>> => {
  const seals = sealer(keys);
  let [opened, unopened] = [0, 0];
  const tryOut = (row: Row, column: string, place: (row: Row) => Parameters<typeof seals.open>[1]): void => {
    if (seals.open(text(row, column), place(row)) === null) unopened += 1;
    else opened += 1;
  };
  for (const { table, key, column, place } of SEALED) {
    let after: readonly Value[] | null = null;
    do {
      const rows: readonly Row[] = await database.read(
        rowsAfter({ table, key }, after, PAGE, sql`${raw(column)} is not null`),
      );
      for (const row of rows) tryOut(row, column, place);
      const last = rows.at(-1);
      after = last === undefined ? null : keyIn(last, { table, key });
    } while (after !== null);
  }
  return { opened, unopened };
};

/**
 * Which servers were seen on the database named by `url` since then; none where there is no database yet. Nothing is changed, whatever
 * schema it has.
 */
export const serversOn = async (url: string, since: number): Promise<readonly string[]> => {
  try {
    const database = await openDatabase(url, { create: false });
    try {
      if (!(await tablesIn(database.read, database)).includes('instance')) return [];
      const rows = await database.read(sql`select id from instance where seen_at >= ${since}`);
      return rows.map((row) => text(row, 'id'));
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof DatabaseTrouble && error.fault === 'not_made') return [];
    throw error;
  }
};

/**
 * Puts a backup in place of what is in the database named by `url`, and proves that what was restored can be used. Throws as
 * `restoreInto` does, changing nothing then.
 */
export const restoreStores = async (
  { url, keys }: { readonly url: string; readonly keys: readonly SealingKey[] },
  backup: { readonly head: ArchiveHead; readonly rows: () => AsyncIterable<ArchivedRow> },
  restoring: Restoring,
): Promise<Proof> => {
  const database = await openDatabase(url, { create: true });
  try {
    const restored = await restoreInto(database, backup.head, backup.rows, restoring);
    return { ...restored, ...(await openEverything(database, keys)), audit: await verify(database.read) };
  } finally {
    await database.close();
  }
};
