import type { Owner } from '../../src/domain/connection.js';
import type { ConnectionCaches, PrivateCache } from '../../src/upstream/cache.js';

/** Works with a Connection's cache, and leaves it. */
export const using = async <T>(
  caches: ConnectionCaches,
  owner: Owner,
  work: (cache: PrivateCache) => Promise<T>,
): Promise<T> => {
  const cache = caches.enter(owner);
  try {
    return await work(cache);
  } finally {
    cache.leave();
  }
};
