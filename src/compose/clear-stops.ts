import type { Config } from '../config/config.js';
import { openStores } from '../store/open-stores.js';
import { systemClock } from './system.js';

/**
 * Allows token requests again that were stopped because a provider refused our client: of one provider, or of all. A running
 * server sees it with its next request. Resolves with how many were stopped.
 */
export const clearStops = async (config: Config, provider: string | null): Promise<number> => {
  const stores = await openStores({ url: config.database, keys: config.keys, clock: systemClock });
  try {
    return await stores.clientStops.clear(provider);
  } finally {
    await stores.close();
  }
};
