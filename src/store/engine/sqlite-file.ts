import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  openSync,
  type Stats,
  statfsSync,
  statSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { DatabaseFault } from '../database-trouble.js';
import { troubleOf } from './database-faults.js';

const OWNER_ONLY = 0o600;
/** How long it is believed that the file is still there, ms. */
const BELIEVED = 500;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const statOf = (path: string): Stats | null => {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null;
    throw error;
  }
};

const mayUse = (path: string, mode: number): DatabaseFault | null => {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    return codeOf(error) === 'EROFS' ? 'read_only' : 'forbidden';
  }
};

/** Throws a sentence about the file, or about the folder it is or would be in, where neither can be used. */
const requireUsable = (file: string): void => {
  const folder = dirname(file);
  const around = statOf(folder);
  if (around === null)
    throw troubleOf('missing', file, {
      detail: `There is no folder ${folder} for the database ${file}. Make it, or correct \`database\`.`,
    });
  if (!around.isDirectory())
    throw troubleOf('missing', file, {
      detail: `${folder} is no folder, so there is no database ${file}. Correct \`database\`.`,
    });
  const found = statOf(file);
  if (found?.isDirectory())
    throw troubleOf('foreign', file, {
      detail: `${file} is a folder; \`database\` names a file, such as sqlite:${file}/oriel.db.`,
    });
  const { R_OK, W_OK, X_OK } = constants;
  if (found !== null && mayUse(file, R_OK) !== null) throw troubleOf('forbidden', file);
  // SQLite writes two files beside its own, even to read.
  const hindrance = (found === null ? null : mayUse(file, W_OK)) ?? mayUse(folder, W_OK | X_OK);
  if (hindrance !== null) throw troubleOf('read_only', file);
};

/** Before a command uses the file: throws unless it is there and can be read and written. Changes nothing. */
export const requireFile = (path: string): void => {
  const file = resolve(path);
  requireUsable(file);
  if (statOf(file) === null) throw troubleOf('not_made', file);
};

/**
 * Makes the file where there is none, and keeps it to its owner. SQLite gives `-wal` and `-shm` the mode and owner of the database file,
 * so this protects all three. What root makes belongs to the owner of its folder: the server seldom runs as root.
 */
export const makeFile = (path: string): void => {
  const file = resolve(path);
  requireUsable(file);
  const isNew = !existsSync(file);
  const descriptor = openSync(file, 'a', OWNER_ONLY);
  fchmodSync(descriptor, OWNER_ONLY);
  closeSync(descriptor);
  if (isNew && process.getuid?.() === 0) {
    const { uid, gid } = statSync(dirname(file));
    chownSync(file, uid, gid);
  }
  for (const left of [`${file}-wal`, `${file}-shm`]) if (existsSync(left)) chmodSync(left, OWNER_ONLY);
};

/** What SQLite's error codes say about the file as a whole. */
const FAULTS: Readonly<Record<string, DatabaseFault>> = {
  SQLITE_FULL: 'full',
  SQLITE_READONLY: 'read_only',
  SQLITE_PERM: 'forbidden',
  SQLITE_AUTH: 'forbidden',
  SQLITE_BUSY: 'locked',
  SQLITE_LOCKED: 'locked',
  SQLITE_PROTOCOL: 'locked',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'foreign',
  SQLITE_CANTOPEN: 'missing',
  SQLITE_IOERR: 'failing',
};

const isFull = (folder: string): boolean => {
  try {
    return statfsSync(folder).bavail === 0;
  } catch {
    return false;
  }
};

/** What an error of SQLite says about the file as a whole. A full disk can look like a failing one. */
export const sqliteFault = (file: string, error: unknown): DatabaseFault | null => {
  const fault = FAULTS[codeOf(error)];
  if (fault === undefined) return null;
  if ((fault === 'failing' || fault === 'missing') && isFull(dirname(file))) return 'full';
  if (fault === 'missing' && statOf(file) !== null) return 'forbidden';
  return fault;
};

/**
 * Watches whether the file that was opened is still the one at its path. Without looking, no one would notice: what is written to a file
 * that was removed or moved away succeeds, and is lost.
 */
export class FileWatch {
  readonly #file: string;
  readonly #opened: Stats;
  #lookedAt = performance.now();
  #looking: Promise<void> | null = null;

  constructor(path: string) {
    this.#file = resolve(path);
    this.#opened = statSync(this.#file);
  }

  /** Throws `DatabaseTrouble` once the file is gone or another one is in its place. Good again when it is back. */
  async check(): Promise<void> {
    if (this.#looking === null && performance.now() - this.#lookedAt < BELIEVED) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const now = await stat(this.#file).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null;
      throw error;
    });
    if (now === null)
      throw troubleOf('missing', this.#file, {
        detail: `The database ${this.#file} is gone: its file or folder was moved or removed. Put it back; a server that is running goes on by itself.`,
      });
    if (now.ino !== this.#opened.ino || now.dev !== this.#opened.dev)
      throw troubleOf('foreign', this.#file, {
        detail: `Another file is in the place of the database ${this.#file}. Restart this server so that it opens that one.`,
      });
    this.#lookedAt = performance.now();
  }
}
