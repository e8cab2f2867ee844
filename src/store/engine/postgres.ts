import { createHash } from 'node:crypto';
import type { Database, Purpose } from './database.js';
import { type DatabaseAddress, databaseName, postgresAddress } from './database-address.js';
import type { DatabaseLimits } from './database-limits.js';
import { PostgresConnections } from './postgres-connections.js';
import { postgresFault } from './postgres-faults.js';
import { PostgresNotices } from './postgres-notices.js';
import { scriptOf } from './sql.js';
import { translating } from './translating.js';

/** Any number known to all processes of this product: the first half of its locks' keys. */
const OURS = 7_037_251;

/** Two purposes of the same key only wait for each other. */
const keyOf = (purpose: Purpose): number => createHash('sha256').update(purpose).digest().readInt32BE(0);

/** The statement that follows sees what was committed before the lock was free. */
const locking = (purpose: Purpose): string =>
  // What brings a schema forward may take as long as it needs, and others wait for it.
  `begin;${purpose === 'schema' ? ' set local lock_timeout = 0;' : ''} select pg_advisory_xact_lock(${OURS}, ${keyOf(purpose)})`;

const SNAPSHOT = 'begin isolation level repeatable read read only';

/** One at a time of each purpose: of those of this process, one waits on a connection, and the others do not take one. */
class Turns {
  readonly #tails = new Map<Purpose, Promise<unknown>>();

  async take<T>(purpose: Purpose, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(purpose) ?? Promise.resolve();
    const own = before.then(work, work);
    const tail = own.catch(() => undefined);
    this.#tails.set(purpose, tail);
    void tail.then(() => {
      if (this.#tails.get(purpose) === tail) this.#tails.delete(purpose);
    });
    return own;
  }
}

/**
 * PostgreSQL. Each statement is of its own (read committed): one whose condition is about the rows that it changes meets these as they are
 * by then. A condition on others holds only beside `alone` and `exclusive`, which take a lock of their purpose.
 */
export const openPostgres = (given: DatabaseAddress, { connections }: DatabaseLimits = {}): Database => {
  const named = postgresAddress(given);
  const address = { ...named, connections: named.connections ?? connections ?? null };
  const pool = new PostgresConnections(address);
  const turns = new Turns();
  const listening = new Set<PostgresNotices>();
  const database: Database = {
    dialect: 'postgres',
    name: databaseName(address),
    read: (query) => pool.read(query),
    browse: (query) => pool.browse(query),
    write: (query) => pool.write(query),
    alone: (purpose, query) =>
      turns.take(purpose, () => pool.transaction(locking(purpose), (run) => run(query))),
    exclusive: (purpose, work) =>
      turns.take(purpose, () =>
        pool.transaction(locking(purpose), (run, client) =>
          work(run, async (queries) => {
            await client.query(scriptOf(queries.map((query) => query.postgres ?? query)));
          }),
        ),
      ),
    snapshot: (work) => pool.transaction(SNAPSHOT, (run) => work(run)),
    listen(onNotice) {
      const notices = new PostgresNotices(address, onNotice);
      listening.add(notices);
    },
    library: {
      run: (text, values) => pool.text(text, values),
      transaction: (work) =>
        pool.transaction('begin', (_, client) =>
          work((text, values) => client.query(text, values as unknown[] | undefined)),
        ),
    },
    async close() {
      await Promise.all([...listening].map((each) => each.stop()));
      await pool.close();
    },
  };
  return translating(database, postgresFault);
};
