import type { Connection } from '../../domain/connection.js';
import { DatabaseTrouble } from '../../store/database-trouble.js';
import type { ConnectPorts } from '../connect-ports.js';

/**
 * The same use is told to the store at most this often: it is shown to people, who ask about days. A rendering tells it once, and
 * may be shown again for as long.
 */
const EVERY = 60 * 60_000;
/** Pairs remembered at most; when all are forgotten each is told once more. */
const MOST = 50_000;

/** Writes down, now and then, that a gadget showed something through a Connection. Nobody waits for it. */
export const gadgetUses = (
  { stores, clock, journal }: Pick<ConnectPorts, 'stores' | 'clock' | 'journal'>,
  most = MOST,
): ((connection: Connection, gadget: string) => void) => {
  const told = new Map<string, number>();
  return ({ id }, gadget) => {
    const key = `${id} ${gadget}`;
    const now = clock.monotonic();
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < EVERY) return;
    if (told.size >= most) told.clear();
    told.set(key, now);
    stores.connectionLists.used(id, gadget, clock.now()).catch((error: unknown) => {
      told.delete(key);
      if (!(error instanceof DatabaseTrouble))
        journal.warn('use-not-noted', { connection: id, gadget, error: String(error) });
    });
  };
};
