import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Variables of the environment: the program of the browser that comes with the development dependencies, and the folder for what is large. */
export const BROWSER = 'ORIEL_TESTS_BROWSER';
export const LARGE = 'ORIEL_TESTS_FOLDER';

const NAME = /^oriel-tests-(\d+)-/;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user's may not be asked, so it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const removeFolder = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });

/** Removes the folders of suites that were killed before they could do it themselves. Those of other users stay. */
const removeLeftovers = (parent: string): void => {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      removeFolder(join(parent, name));
    } catch {
      // Another user's, or a suite that starts now removes it too: it keeps no one from testing.
    }
  }
};

/**
 * Makes the folder for all that a run of the suite keeps for a while: below `parent`, named after the process that will remove it. What killed
 * runs left there is removed first.
 */
export const openSuiteFolder = (parent: string, owner: number = process.pid) => {
  removeLeftovers(parent);
  const path = mkdtempSync(join(parent, `oriel-tests-${owner}-`));
  // PostgreSQL runs as a user of its own where the tests are run by root.
  chmodSync(path, 0o755);
  return { path, remove: () => removeFolder(path) };
};

const MEMORY = '/dev/shm';
/** A file system in memory whose programs may be run. */
const IS_USABLE = /^\S+ \/dev\/shm tmpfs (?!\S*\bnoexec\b)rw\b/m;
/** Several times what a run needs, bytes. */
const ROOM = 1024 ** 3;

/**
 * Where no commit of a database waits for a disk: on many machines that takes longer than all the rest of a test. Null where there is no
 * such folder, or little room in it, as in many containers.
 */
export const parentInMemory = (): string | null => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return IS_USABLE.test(readFileSync('/proc/mounts', 'utf8')) && bavail * bsize >= ROOM ? MEMORY : null;
  } catch {
    return null;
  }
};
