import { resolve } from 'node:path';
import type { Fault } from '../domain/fault.js';
import type { SetupRecord } from '../domain/setup-record.js';
import { DatabaseTrouble } from '../store/database-trouble.js';
import { examineStore } from '../store/examine-store.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';

/** What a store was found to hold, and what about it keeps a server from starting or from serving. */
export interface ExaminedDatabase {
  /** Null where it could not be read. */
  readonly records: readonly SetupRecord[] | null;
  readonly faults: readonly Fault[];
  /** Why it could not be read, where that is no fault. */
  readonly unread: string | null;
}

const fault = (file: string, path: string, problem: string, expected: string): Fault => ({
  file: resolve(file),
  path,
  line: null,
  problem: problem.replace(/\.$/, ''),
  expected,
  example: null,
});

const NONE: ExaminedDatabase = { records: [], faults: [], unread: null };

/** Reads the database that `file` names, as far as it is known: null where the file is wrong about it. Changes nothing. */
export const examineDatabase = async (
  url: string | null,
  keys: readonly SealingKey[],
  file: string,
): Promise<ExaminedDatabase> => {
  if (url === null || keys.length === 0)
    return {
      records: null,
      faults: [],
      unread: 'the database address or the keys in the file are wrong.',
    };
  if (url === 'sqlite::memory:') return NONE;
  try {
    const { records, opened, unopened } = await examineStore(url, keys);
    const faults =
      opened === 0 && unopened > 0
        ? [
            fault(
              file,
              'keys',
              'no key of this ring opens anything in the database: no token, and no provider or host of the console',
              'the keys that sealed it, behind a new one if there is one',
            ),
          ]
        : [];
    return { records, faults, unread: null };
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    // A server creates the first when it starts, and migrates the second.
    if (error.fault === 'not_made') return NONE;
    const reason = error.reason ?? error.message;
    if (error.fault === 'older') return { records: null, faults: [], unread: reason };
    return {
      records: null,
      faults: [fault(file, 'database', reason, 'a database that a server can use')],
      unread: null,
    };
  }
};
