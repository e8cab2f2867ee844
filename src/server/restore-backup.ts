import { readBackupHead, readBackupRows } from '../admin/server/backup-file.js';
import { readConfigBesideStore } from '../config/read-config.js';
import type { Proof, Restoring } from '../store/backup/archive.js';
import { restoreStores, serversOn } from '../store/backup/restore.js';
import { sealer } from '../store/sealing/seal.js';
import { systemClock } from './node-system.js';

/** What was restored, and whether all of it can be used. */
export interface Proven extends Proof {
  readonly takenAt: number;
  /** The key that the whole of it is sealed with; null of an earlier version's backup. */
  readonly sealedBy: string | null;
  /** Every sealed value opens, and the audit log is intact. */
  readonly whole: boolean;
}

/** A server that was not heard of for so long is gone. */
const SILENT = 30_000;
const MEMORY = 'sqlite::memory:';

/** Servers keep what they read in memory, and would write into what is being replaced. */
const requireStopped = async (url: string): Promise<void> => {
  if ((await serversOn(url, systemClock.now() - SILENT)).length > 0)
    throw new Error(
      'A server is running on this database. Stop it first; after one that was killed, wait half a minute.',
    );
};

/**
 * Restores a backup into the database of the configuration, or with `check` into memory, and proves it: every row is there, every
 * sealed value opens with the key ring, the audit log's chain is intact. One that is not sealed is restored only where that was asked
 * for: nothing proves that it is what was written. Rejects with what to do, and then nothing was changed.
 */
export const restoreBackup = async (
  configFile: string,
  source: string,
  {
    check,
    unsealed,
    ...restoring
  }: Omit<Restoring, 'now'> & { readonly check: boolean; readonly unsealed: boolean },
): Promise<Proven> => {
  const { database, keys } = readConfigBesideStore(configFile);
  const opening = { url: check ? MEMORY : database, keys };
  const ring = sealer(keys);
  const head = await readBackupHead(source, ring);
  const { takenAt, sealedBy } = head;
  if (!check && sealedBy === null && !unsealed)
    throw new Error(
      `${source} was made by an earlier version, which did not seal backups: anyone who had it could read and change it. If you trust the place where it was kept, restore it with --unsealed.`,
    );
  if (!check) await requireStopped(database);
  const backup = { head, rows: () => readBackupRows(source, ring) };
  const proof = await restoreStores(opening, backup, { ...restoring, now: systemClock.now() });
  return { ...proof, takenAt, sealedBy, whole: proof.unopened === 0 && proof.audit.intact };
};
