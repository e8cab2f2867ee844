import type { Connection, ConnectionId } from '../../domain/connection.js';
import type { ConnectPorts } from '../connect-ports.js';

/** A Connection that from now on shows nothing, on its way out. */
export interface Retired {
  readonly retired: Connection;
  /** It had no tokens any more. */
  readonly hadEnded: boolean;
}

/**
 * Takes a Connection out of use, and its cache with it. `until`: the provider is ours to ask till then. Null when it is gone, or
 * somebody else retired it in the same moment.
 */
export const retiring = ({
  caches,
  clock,
  stores,
}: Pick<ConnectPorts, 'caches' | 'clock' | 'stores'>): ((
  id: ConnectionId,
  until?: number,
) => Promise<Retired | null>) => {
  const { connections } = stores;
  /** A reconnect may move the generation on at the same moment; what is there now is what shall go. */
  const retire = async (id: ConnectionId, until?: number): Promise<Retired | null> => {
    for (let tries = 0; tries < 2; tries += 1) {
      const latest = await connections.byId(id);
      if (latest === null || latest.status === 'revoking') return null;
      const retired = await connections.retire(latest, clock.now(), until);
      if (retired !== null) return { retired, hadEnded: latest.status === 'reconnect' };
    }
    return null;
  };
  return async (id, until) => {
    const found = await retire(id, until);
    caches.purge(id);
    return found;
  };
};
