import type { Actor } from '../../domain/actor.js';
import type { Archive } from '../../store/backup/archived-rows.js';
import type { ManagePorts } from '../admin-ports.js';

/** Everything worth keeping, as one file. */
export interface Backups {
  /** The file's bytes, as of the moment the first of them is read. All of it is sealed. */
  made(by: Actor): Promise<AsyncIterable<Uint8Array>>;
}

export interface BackupPorts extends Pick<ManagePorts, 'stores' | 'audit' | 'clock'> {
  readonly written: (archive: Archive, takenAt: number) => AsyncIterable<Uint8Array>;
}

export const backups = ({ stores, audit, clock, written }: BackupPorts): Backups => ({
  async made(by) {
    await audit.record({ action: 'backup.made', by, outcome: 'done' });
    return written(stores.archive, clock.now());
  },
});
