import type { Clock, Journal } from '../../domain/system.js';
import type { Database } from '../engine/database.js';
import type { JobStore } from './job-store.js';
import { SqliteJobs } from './sqlite-jobs.js';

const UNHEARD: Journal = { note: () => undefined, warn: () => undefined };

/** Makes what a server's jobs need in the database, for a server that may not make it. */
export const prepareJobs = async (database: Database): Promise<void> => {
  const jobs = await openJobs(database, { now: Date.now }, UNHEARD);
  await jobs.prepare().finally(() => jobs.close());
};

/** The jobs of the processes that share this database. */
export const openJobs = async (
  database: Database,
  clock: Pick<Clock, 'now'>,
  journal: Journal,
): Promise<JobStore> => {
  if (database.library === undefined) return new SqliteJobs(database, clock);
  // Loaded only where it is used: it costs time and memory at every start.
  const { PostgresJobs } = await import('./postgres-jobs.js');
  return new PostgresJobs(database.name, database.library, journal);
};
