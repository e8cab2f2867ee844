import { existsSync } from 'node:fs';
import type { Config } from '../../config/config.js';
import type { SetupRecord } from '../../domain/setup.js';
import { openStores } from '../../store/open-stores.js';
import { systemClock } from '../system.js';

const SQLITE = 'sqlite:';

/** Before its first start a server on SQLite has no database, and looking for one would make it. */
const isThere = (url: string): boolean => !url.startsWith(SQLITE) || existsSync(url.slice(SQLITE.length));

/**
 * The providers and hosts that the store of a configuration holds, none where there is no store yet. Nothing is changed in it. Rejects
 * with a sentence when it cannot be opened, or its schema is not ours.
 */
export const recordsKept = async ({
  database: url,
  keys,
}: Pick<Config, 'database' | 'keys'>): Promise<readonly SetupRecord[]> => {
  if (!isThere(url)) return [];
  const stores = await openStores({ url, keys, clock: systemClock, schema: 'as-it-is' });
  try {
    return await stores.setup.all();
  } finally {
    await stores.close();
  }
};
