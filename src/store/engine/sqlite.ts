import { chmodSync, closeSync, existsSync, fchmodSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import sqlite3 from 'sqlite3';
import type { Database, Run } from './database.js';
import { groupCommit, rollBack } from './group-commit.js';
import { type Query, sql } from './sql.js';
import { SqliteLine } from './sqlite-line.js';

const MEMORY = ':memory:';
const OWNER_ONLY = 0o600;
const SWITCH_ATTEMPTS = 250;
/** Milliseconds. */
const SWITCH_PAUSE = 20;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';

/** SQLite gives `-wal` and `-shm` the mode of the database file, so making that file first, by mode, protects all three. */
const protect = (file: string): void => {
  const descriptor = openSync(file, 'a', OWNER_ONLY);
  fchmodSync(descriptor, OWNER_ONLY);
  closeSync(descriptor);
  for (const left of [`${file}-wal`, `${file}-shm`]) if (existsSync(left)) chmodSync(left, OWNER_ONLY);
};

/** The switch to WAL does not wait for a process that is making it too, as other statements would. */
const switchToWal = async (line: SqliteLine): Promise<void> => {
  for (let left = SWITCH_ATTEMPTS; ; left -= 1) {
    try {
      await line.inTurn(() => line.run(sql`pragma journal_mode = wal`));
      return;
    } catch (error) {
      if (left === 0 || !isBusy(error)) throw error;
      await pause(SWITCH_PAUSE);
    }
  }
};

const pragmas = [
  // Every commit is on the disk before it is answered: a lost refresh token cannot be had again.
  sql`pragma synchronous = full`,
  sql`pragma foreign_keys = on`,
];

const openWriter = async (file: string): Promise<SqliteLine> => {
  const line = await SqliteLine.open(file, sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE);
  await switchToWal(line);
  for (const pragma of pragmas) await line.inTurn(() => line.run(pragma));
  return line;
};

/** A connection of its own: a long read must keep nobody waiting. */
const inSnapshot = async <T>(file: string, work: (run: Run) => Promise<T>): Promise<T> => {
  const line = await SqliteLine.open(file, sqlite3.OPEN_READONLY);
  try {
    return await line.inTurn(async () => {
      await line.run(sql`begin`);
      return work((query) => line.run(query));
    });
  } finally {
    await line.close();
  }
};

const overLines = (writer: SqliteLine, reader: SqliteLine, file: string): Database => ({
  read: (query) => reader.inTurn(() => reader.run(query)),
  write: groupCommit(writer),
  exclusive: (work) =>
    writer.inTurn(async () => {
      await writer.run(sql`begin immediate`);
      try {
        const result = await work((query: Query) => writer.run(query));
        await writer.run(sql`commit`);
        return result;
      } catch (error) {
        await rollBack(writer);
        throw error;
      }
    }),
  snapshot(work) {
    // In memory there is one connection, which nobody else may use meanwhile.
    return file === MEMORY ? this.exclusive(work) : inSnapshot(file, work);
  },
  async close() {
    if (reader !== writer) await reader.close();
    await writer.close();
  },
});

/**
 * SQLite in a file, or in memory for `:memory:`. A file is readable by its owner only, and read through a second connection,
 * so that reads do not queue behind durable writes.
 */
export const openSqlite = async (file: string): Promise<Database> => {
  if (file === MEMORY) {
    const line = await openWriter(file);
    return overLines(line, line, file);
  }
  protect(file);
  const writer = await openWriter(file);
  return overLines(writer, await SqliteLine.open(file, sqlite3.OPEN_READONLY), file);
};
