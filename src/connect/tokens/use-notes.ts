import type { Connection, ConnectionId } from '../../domain/connection.js';
import { DatabaseTrouble } from '../../store/database-trouble.js';
import type { Deps } from '../connect-deps.js';

/** A use is written to the store at most this often, ms: it decides about months, and people ask about days. */
const EVERY = 60 * 60_000;
/** Pairs remembered at most; when all are forgotten each is written once more. */
const MOST = 50_000;

const reportFailure = (
  { journal }: Deps<'journal'>,
  error: unknown,
  fields: Readonly<Record<string, string>>,
): void => {
  if (!(error instanceof DatabaseTrouble)) journal.warn('use-not-noted', { ...fields, error: String(error) });
};

/** Which Connections' last uses are being written down. It happens now and then, and nothing waits for it. */
export class ConnectionUses {
  readonly #deps: Deps<'journal', 'connections'>;
  readonly #writing = new Set<ConnectionId>();

  constructor(deps: Deps<'journal', 'connections'>) {
    this.#deps = deps;
  }

  note({ id, lastUsedAt }: Connection, now: number): void {
    if (now - lastUsedAt < EVERY || this.#writing.has(id)) return;
    this.#writing.add(id);
    this.#deps.stores.connections
      .touch(id, now)
      .catch((error: unknown) => reportFailure(this.#deps, error, { connection: id }))
      .finally(() => this.#writing.delete(id));
  }
}

/**
 * When it was last written down that a gadget showed something through a Connection. A rendering reports it once, and may be shown again
 * for as long. Nothing waits for it.
 */
export class GadgetUses {
  readonly #deps: Deps<'clock' | 'journal', 'connectionLists'>;
  readonly #most: number;
  readonly #written = new Map<string, number>();

  constructor(deps: Deps<'clock' | 'journal', 'connectionLists'>, most = MOST) {
    this.#deps = deps;
    this.#most = most;
  }

  note({ id }: Connection, gadget: string): void {
    const { clock, stores } = this.#deps;
    const key = `${id} ${gadget}`;
    const now = clock.monotonic();
    if (now - (this.#written.get(key) ?? Number.NEGATIVE_INFINITY) < EVERY) return;
    if (this.#written.size >= this.#most) this.#written.clear();
    this.#written.set(key, now);
    stores.connectionLists.used(id, gadget, clock.now()).catch((error: unknown) => {
      this.#written.delete(key);
      reportFailure(this.#deps, error, { connection: id, gadget });
    });
  }
}
