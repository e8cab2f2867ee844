import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { viewerOf } from '../src/domain/viewer.js';
import { systemClock } from '../src/server/node-system.js';
import { addUpCounts } from '../src/store/engine/kept-counts.js';
import { openDatabase } from '../src/store/engine/open-database.js';
import { sql } from '../src/store/engine/sql.js';
import { openStores } from '../src/store/open-stores.js';
import type { Stores } from '../src/store/stores.js';
import type { Bench } from './bench.js';
import { atMost, type Checked, MEGABYTE, megabytes, milliseconds } from './checked.js';
import { lookAtConsole, type PageTime } from './console-pages.js';
import type { Setting } from './setting.js';

/** So many Connections are stored, one after the other; none is the first. */
const STORED = [0, 100_000, 1_000_000] as const;
/** So many are added at a time. */
const TOGETHER = 100_000;
/** Lookups in a round, and rounds in each store. */
const LOOKUPS = 5_000;
const ROUNDS = 7;

/** The promises that need a million of them. */
export const STORED_PROMISE = 'stored connections';

/** A store of so many Connections: how long it takes to read one that no one has read before, and what the process takes by then. */
interface Stored {
  readonly connections: number;
  /** Milliseconds that 99 of 100 lookups take at most, the in the calmest round. */
  readonly p99: number;
  readonly residentMb: number;
  readonly bytes: number;
}

/** How long a page of the console takes at most, ms. */
const MOST_PAGE_MS = 300;
/** How many times the empty store's p99 a lookup in a large one takes at most; two are compared that take some tenths of a millisecond. */
const AT_MOST = 1.5;
/** What may be added to the process by a million Connections on the disk, MB: what garbage is not yet collected. */
const MOST_GROWTH_MB = 30;

/** Adds Connections by copying one in the database itself, each for a viewer of its own. */
const fill = async (url: string, from: number, to: number): Promise<void> => {
  const database = await openDatabase(url, { create: false });
  for (let next = from; next < to; next += TOGETHER) {
    await database.write(sql`
      with recursive n (i) as (select ${next} union all select i + 1 from n where i + 1 < ${Math.min(next + TOGETHER, to)})
      insert into connection (
        id, viewer, host, provider, client_id, account_id, account_label, scopes, status, generation, version,
        flow, flow_started_at, granted_at, created_at, last_used_at, tokens, expires_at)
      select 'many-' || i, '["bench","many-' || i || '"]', '"bench"', 'mingle', 'bench', '"' || i || '"', '"Person"', '[]',
        'active', 1, 1, 'flow-' || i, 1, 1, 1, 1, hex(randomblob(150)), 9999999999999
      from n`);
    // A server does so every minute; no minute has so many new Connections.
    await addUpCounts(database);
  }
  await database.close();
};

/** Adds launched frames of these people, as a launch writes them down. */
const launchMany = async (url: string, count: number): Promise<void> => {
  const database = await openDatabase(url, { create: false });
  const parameters = JSON.stringify({ project: 'apollo', properties: ['Status', 'Owner'], limit: 100 });
  await database.write(sql`
    with recursive n (i) as (select 0 union all select i + 1 from n where i + 1 < ${count})
    insert into frame_lease (
      token, replayable_until, session, bearer_hash, viewer, profile, gadget, parameters, locks, locale, time_zone,
      launched_at, expires_at)
    select '["bench","' || hex(randomblob(18)) || '"]', 1, hex(randomblob(18)), hex(randomblob(22)), '["bench","many-' || i || '"]',
      '{"name":"Person ' || i || '","email":null}', 'mingle-cards', ${parameters}, '[]', 'en', 'Europe/Berlin', 1, 9999999999999
    from n`);
  await database.close();
};

const p99 = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;

/** Reads Connections of people picked evenly from all, none of them remembered; without any, of people who have none. Milliseconds each. */
const lookUp = async ({ connections }: Stores, count: number, round: number): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let turn = 0; turn < LOOKUPS; turn += 1) {
    const index = (turn * ROUNDS + round) * Math.max(1, Math.floor(count / (ROUNDS * LOOKUPS)));
    const viewer = viewerOf('bench', `many-${index}`);
    const before = performance.now();
    const found = await connections.latest(viewer, 'mingle');
    times.push(performance.now() - before);
    if ((found !== null) !== count > 0) throw new Error(`${viewer.id} was not looked up`);
  }
  return times;
};

/** The p99 of lookups in each of these files, in turn: what else the machine does, and what filling them left to be done, touches all alike. */
const lookupsOf = async (
  { keys }: Setting,
  files: readonly { readonly url: string; readonly connections: number }[],
): Promise<readonly number[]> => {
  const opened = await Promise.all(
    files.map(async ({ url, connections }) => ({
      stores: await openStores({ url, keys, clock: systemClock }),
      connections,
      p99s: [] as number[],
    })),
  );
  try {
    // The first prepares the statement and fills the database's own cache.
    for (let round = -1; round < ROUNDS; round += 1) {
      for (const { stores, connections, p99s } of opened) {
        const times = await lookUp(stores, connections, Math.max(0, round));
        if (round >= 0) p99s.push(p99(times));
      }
    }
    // Of a tenth of a millisecond, whatever else runs makes several: the calmest round is that of the store itself.
    return opened.map(({ p99s }) => Math.min(...p99s));
  } finally {
    await Promise.all(opened.map(({ stores }) => stores.close()));
  }
};

const timesWritten = (times: number): string => `${times.toFixed(2)} × the empty store's p99`;

/** Every page is held against the promise as it usually is; what the slowest takes when it is asked for first is reported beside it. */
const consoleChecked = (name: string, times: readonly PageTime[]): Checked => {
  const slowest = times.reduce((slow, each) => (each.usual > slow.usual ? each : slow));
  const first = times.reduce((slow, each) => (each.first > slow.first ? each : slow));
  const checked = atMost(name, slowest.usual, MOST_PAGE_MS, milliseconds, {
    first: first.first,
    ...Object.fromEntries(times.map(({ page, usual }) => [page, usual])),
  });
  const slowestFirst = `${slowest.page}; at first ${milliseconds(first.first)} ${first.page}`;
  return {
    ...checked,
    measured: `${checked.measured} for the slowest of ${times.length} pages (${slowestFirst})`,
  };
};

const fileOf = ({ database }: Setting): string => database.slice('sqlite:'.length);

/** Bytes that the database takes on the disk. */
const bytesOf = (setting: Setting): number => statSync(fileOf(setting)).size;

/** Looks Connections up in stores of growing size, and starts a server on each, whose console is looked at. */
export const checkStored = (bench: Bench): Promise<readonly Checked[]> =>
  bench.within(async (setting) => {
    // Makes the database, and an administrator.
    const { browser } = await lookAtConsole(bench, setting);
    const rows: Omit<Stored, 'p99'>[] = [];
    const files: { readonly url: string; readonly connections: number }[] = [];
    const consoles: { readonly connections: number; readonly times: readonly PageTime[] }[] = [];
    let before = 0;
    for (const connections of STORED) {
      if (connections > before) await fill(setting.database, before, connections);
      before = connections;
      const copy = join(setting.folder, `stored-${connections}.db`);
      copyFileSync(fileOf(setting), copy);
      files.push({ url: `sqlite:${copy}`, connections });
      const server = await bench.start(setting);
      const { rss } = await server.usage();
      await server.stop();
      rows.push({ connections, residentMb: rss / MEGABYTE, bytes: bytesOf(setting) });
      if (connections > 0) {
        const { times } = await lookAtConsole(bench, setting, browser);
        consoles.push({ connections, times });
      }
    }
    const withoutFrames = bytesOf(setting);
    await launchMany(setting.database, TOGETHER);
    const bytesEachFrame = (bytesOf(setting) - withoutFrames) / TOGETHER;
    const lookups = await lookupsOf(setting, files);
    const [empty, ...filled] = rows.map(
      (row, index): Stored => ({ ...row, p99: lookups[index] ?? Number.NaN }),
    );
    if (empty === undefined) return [];
    const nameOf = (connections: number, what: string): string =>
      `${connections.toLocaleString('en')} ${STORED_PROMISE}, ${what}`;
    return [
      ...filled.flatMap(({ connections, p99, residentMb, bytes }) => [
        atMost(nameOf(connections, 'lookup'), p99 / empty.p99, AT_MOST, timesWritten, {
          ...{
            connections,
            p99,
            p99OfEmpty: empty.p99,
            bytesEach: (bytes - empty.bytes) / connections,
            bytesEachFrame,
          },
        }),
        atMost(nameOf(connections, 'memory'), residentMb, empty.residentMb + MOST_GROWTH_MB, megabytes, {
          connections,
        }),
      ]),
      ...consoles.map(({ connections, times }) => consoleChecked(nameOf(connections, 'console'), times)),
    ];
  });
