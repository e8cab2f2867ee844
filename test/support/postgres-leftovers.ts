import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

/*
 * Apart from what starts servers: that library ends the process that loads it with 0, whatever its exit code should be, and the process that
 * runs the suite has to fail when a test does.
 */

/** How the folder of a server starts. */
export const FOLDER = 'oriel-postgres-';

/** Ends the servers whose data are below this folder, as a worker that was killed leaves them. */
export const stopPostgresBelow = async (folder: string): Promise<void> => {
  for (const name of readdirSync(folder).filter((each) => each.startsWith(FOLDER))) {
    const file = join(folder, name, 'data', 'postmaster.pid');
    if (!existsSync(file)) continue;
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    try {
      kill(pid, 'SIGINT');
      for (; existsSync(file); await pause(20)) kill(pid, 0);
    } catch {
      // It was killed, and left its file.
    }
  }
};
