import { join } from 'node:path';
import { startPostgres } from '../test/support/postgres.js';
import type { Bench } from './bench.js';
import { type Compared, compare, comparedOf, type Promised, type Round, roundsOf } from './compare.js';
import { gather, gatherLaunchers } from './gather.js';
import { isPeerWanted, PEER_ROUNDS, PEERS, peerNames, peerPromises, startPeer } from './peers.js';
import { CROWD_PROMISE, POSTGRES_PROMISE, postgresPromise, promises } from './promises.js';
import { type Server, startServer } from './server.js';
import type { Setting } from './setting.js';

/**
 * So many servers are started for each row, each with a floor of its own: how V8 compiles and lays out a process makes one dearer than the
 * next by a tenth, for as long as it runs.
 */
export const PAIRS = 3;
/** Rounds on each of them. */
export const ROUNDS = 2;
/** Rounds of what is measured on one pair alone. */
const ROUNDS_OF_ONE = 7;

/** Rows that are ours against a floor. */
const OWN_ROWS = ['warm content', 'warm content, 304', 'launch', 'cold XML', 'cold JSON', 'cold each'];

/** Rows that people must be gathered for, and what starts with their names. */
const namesOf = (row: string): readonly string[] =>
  [row, ...peerNames(row), POSTGRES_PROMISE].filter((name) => name.startsWith(row));

/** Whether any of these rows is to be measured. */
export const isAnyWanted = ({ isWanted }: Bench): boolean =>
  [...OWN_ROWS.flatMap(namesOf), CROWD_PROMISE].some(isWanted);

/** Launches on a PostgreSQL of its own, beside those of this server. */
const onPostgres = async (
  bench: Bench,
  sqlite: { readonly setting: Setting; readonly server: Server },
): Promise<Compared> => {
  const postgres = await startPostgres();
  try {
    return await bench.within(
      async (setting) => {
        const server = await bench.start(setting);
        try {
          await gatherLaunchers(setting);
          return await compare(postgresPromise({ setting, server }, sqlite), ROUNDS_OF_ONE);
        } finally {
          await server.stop();
        }
      },
      await postgres.database(),
    );
  } finally {
    await postgres.stop();
  }
};

/** A server, its floor and people with frames of it. */
interface Pair {
  readonly ours: Server;
  readonly floor: Server;
  readonly promised: readonly Promised[];
}

const startPair = async (bench: Bench, setting: Setting, crowd: readonly string[]): Promise<Pair> => {
  const ours = await bench.start(setting);
  const seen = {
    ...(await gather(setting, bench.root, (row) => namesOf(row).some(bench.isWanted))),
    crowd,
  };
  const ready = `http://127.0.0.1:${setting.floorPort}/readyz`;
  const floor = await startServer(join(bench.root, 'dist', 'bench', 'floor.js'), [seen.floorFile], {}, ready);
  return { ours, floor, promised: promises(setting, ours, floor, seen) };
};

const stopPair = async ({ ours, floor }: Pair): Promise<void> => {
  await ours.stop();
  await floor.stop();
};

/** Adds rounds of each row to those of other pairs. */
const measurePair = async (promised: readonly Promised[], all: Map<string, Round[]>): Promise<void> => {
  for (const each of promised) {
    const rounds = all.get(each.name) ?? [];
    all.set(each.name, rounds);
    rounds.push(...(await roundsOf(each, ROUNDS)));
  }
};

/** What peers take, beside a server of ours that is warm. */
const measurePeers = async (
  bench: Bench,
  setting: Setting,
  { promised }: Pair,
  add: (row: Compared) => void,
): Promise<void> => {
  for (const name of PEERS) {
    if (!isPeerWanted(name, bench.isWanted)) continue;
    const peer = await startPeer(bench.root, setting, name);
    for (const each of peerPromises(setting, promised, peer))
      if (bench.isWanted(each.name)) add(await compare(each, PEER_ROUNDS));
    await peer.server.stop();
  }
};

/**
 * Measures whatever is a ratio of processor times, and reports each row as soon as it is there. `crowd`: bearer tokens of many people with a frame,
 * where their looks are wanted.
 */
export const measureRows = async (
  bench: Bench,
  setting: Setting,
  crowd: readonly string[],
  report: (row: Compared) => void,
): Promise<readonly Compared[]> => {
  const compared: Compared[] = [];
  const add = (row: Compared): void => {
    report(row);
    compared.push(row);
  };
  const isOwn = ({ name }: Promised): boolean => name !== CROWD_PROMISE && bench.isWanted(name);
  const rounds = new Map<string, Round[]>();
  const isMeasured = OWN_ROWS.some(bench.isWanted);
  for (let pair = 1; isMeasured && pair < PAIRS; pair += 1) {
    await bench.within(async (own) => {
      const started = await startPair(bench, own, []);
      await measurePair(started.promised.filter(isOwn), rounds);
      await stopPair(started);
    });
  }
  // The last stays for what is measured on one alone.
  const last = await startPair(bench, setting, crowd);
  const { ours, promised } = last;
  await measurePair(promised.filter(isOwn), rounds);
  for (const each of promised.filter(isOwn)) add(comparedOf(each, rounds.get(each.name) ?? []));
  await measurePeers(bench, setting, last, add);
  // Late: what is remembered of a crowd makes every collection of garbage after it longer.
  for (const each of promised)
    if (each.name === CROWD_PROMISE && bench.isWanted(each.name)) add(await compare(each, ROUNDS_OF_ONE));
  if (bench.isWanted(POSTGRES_PROMISE)) add(await onPostgres(bench, { setting, server: ours }));
  await stopPair(last);
  return compared;
};
