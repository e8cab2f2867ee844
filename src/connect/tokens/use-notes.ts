import type { Connection, ConnectionId } from '../../domain/connection.js';
import { DatabaseTrouble } from '../../store/database-trouble.js';
import type { ConnectPorts } from '../connect-ports.js';

/** A Connection's last use is told to the store at most this often: it decides about months. */
const EVERY = 60 * 60_000;

/** Writes down that a Connection is in use, now and then, without keeping anybody waiting. */
export const useNotes = ({ stores, journal }: Pick<ConnectPorts, 'stores' | 'journal'>) => {
  const writing = new Set<ConnectionId>();
  return ({ id, lastUsedAt }: Connection, now: number): void => {
    if (now - lastUsedAt < EVERY || writing.has(id)) return;
    writing.add(id);
    stores.connections
      .touch(id, now)
      .catch((error: unknown) => {
        if (!(error instanceof DatabaseTrouble))
          journal.warn('use-not-noted', { connection: id, error: String(error) });
      })
      .finally(() => writing.delete(id));
  };
};
