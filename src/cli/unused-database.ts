import { systemClock } from '../server/node-system.js';
import { serversOn } from '../store/backup/restore.js';
import { type DatabaseAddress, databaseName } from '../store/engine/database-address.js';
import { SILENT } from '../store/instance-store.js';

/**
 * Throws while a server runs on a database that is to be replaced or copied: servers keep what they read in memory and write on, and what
 * they write in the meantime would be lost.
 */
export const requireUnused = async (address: DatabaseAddress): Promise<void> => {
  const servers = await serversOn(address, systemClock.now() - SILENT);
  if (servers.length > 0)
    throw new Error(
      `A server is running on ${databaseName(address)}: ${servers.join(', ')}. Stop it first; after one that was killed, wait half a minute.`,
    );
};
