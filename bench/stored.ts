import { performance } from 'node:perf_hooks';
import { viewerOf } from '../src/domain/viewer.js';
import { systemClock } from '../src/server/node-system.js';
import { openDatabase } from '../src/store/engine/open-database.js';
import { sql } from '../src/store/engine/sql.js';
import { openStores } from '../src/store/open-stores.js';
import type { Bench } from './bench.js';
import { atMost, type Checked, MEGABYTE, megabytes } from './checked.js';
import type { Setting } from './setting.js';

/** So many Connections are stored, one after the other; none is the first. */
const STORED = [0, 100_000, 1_000_000] as const;
const LOOKUPS = 5_000;

/** The promises that need a million of them. */
export const STORED_PROMISE = 'stored connections';

/** A store of so many Connections: how long it takes to read one that nobody has read before, and what the process takes by then. */
interface Stored {
  readonly connections: number;
  /** Milliseconds that 99 of 100 lookups take at most, the median of three rounds. */
  readonly p99: number;
  readonly residentMb: number;
}

/** How many times the empty store's p99 a lookup in a large one takes at most; two are compared that take some tenths of a millisecond. */
const AT_MOST = 1.5;
/** What may be added to the process by a million Connections on the disk, MB: what garbage is not yet collected. */
const MOST_GROWTH_MB = 30;

/** Adds Connections by copying one in the database itself, each for a viewer of its own. */
const fill = async (url: string, from: number, to: number): Promise<void> => {
  const database = await openDatabase(url, { create: false });
  await database.write(sql`
    with recursive n (i) as (select ${from} union all select i + 1 from n where i + 1 < ${to})
    insert into connection (
      id, viewer, host, provider, client_id, account_id, account_label, scopes, status, generation, version,
      flow, flow_started_at, granted_at, created_at, last_used_at, tokens, expires_at)
    select 'many-' || i, '["bench","many-' || i || '"]', '"bench"', 'mingle', 'bench', '"' || i || '"', '"Person"', '[]',
      'active', 1, 1, 'flow-' || i, 1, 1, 1, 1, hex(randomblob(150)), 9999999999999
    from n`);
  await database.close();
};

const p99 = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Reads Connections of people picked evenly from all, none of them remembered; without any, of people who have none. */
const lookUp = async ({ database: url, keys }: Setting, connections: number): Promise<number> => {
  const stores = await openStores({ url, keys, clock: systemClock });
  try {
    const rounds: number[] = [];
    // The first prepares the statement and fills the database's own cache.
    for (let round = -1; round < 3; round += 1) {
      const times: number[] = [];
      for (let turn = 0; turn < LOOKUPS; turn += 1) {
        const index = (turn * 3 + Math.max(0, round)) * Math.max(1, Math.floor(connections / (3 * LOOKUPS)));
        const viewer = viewerOf('bench', `many-${index}`);
        const before = performance.now();
        const found = await stores.connections.latest(viewer, 'mingle');
        times.push(performance.now() - before);
        if ((found !== null) !== connections > 0) throw new Error(`${viewer.id} was not looked up`);
      }
      if (round >= 0) rounds.push(p99(times));
    }
    return median(rounds);
  } finally {
    await stores.close();
  }
};

/** Looks Connections up in stores of growing size, and starts a server on each. */
export const checkStored = (bench: Bench): Promise<readonly Checked[]> =>
  bench.within(async (setting) => {
    // Makes the database.
    await (await bench.start(setting)).stop();
    const rows: Stored[] = [];
    let before = 0;
    for (const connections of STORED) {
      if (connections > before) await fill(setting.database, before, connections);
      before = connections;
      const p99 = await lookUp(setting, connections);
      const server = await bench.start(setting);
      const { rss } = await server.usage();
      await server.stop();
      rows.push({ connections, p99, residentMb: rss / MEGABYTE });
    }
    const [empty, ...filled] = rows;
    if (empty === undefined) return [];
    return filled.flatMap(({ connections, p99, residentMb }) => {
      const name = `${connections} ${STORED_PROMISE}`;
      return [
        atMost(
          `${name}, lookup`,
          p99 / empty.p99,
          AT_MOST,
          (times) => `${times.toFixed(2)} × the empty store's p99`,
          {
            ...{ connections, p99, p99OfEmpty: empty.p99 },
          },
        ),
        atMost(`${name}, memory`, residentMb, empty.residentMb + MOST_GROWTH_MB, megabytes, { connections }),
      ];
    });
  });
