import { join } from 'node:path';
import { startPostgres } from '../test/support/postgres.js';
import type { Bench } from './bench.js';
import { type Compared, compare, type Promised } from './compare.js';
import { gather, gatherLaunchers } from './gather.js';
import { isPeerWanted, PEER_ROUNDS, PEERS, peerNames, peerPromises, startPeer } from './peers.js';
import { CROWD_PROMISE, POSTGRES_PROMISE, postgresPromise, promises } from './promises.js';
import { type Server, startServer } from './server.js';
import type { Setting } from './setting.js';

export const ROUNDS = 7;

/** Rows that are ours against a floor. */
const OWN_ROWS = ['warm content', 'warm content, 304', 'launch', 'cold XML', 'cold JSON', 'cold each'];

/** Rows that people must be gathered for, and what begins with their names. */
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
          return await compare(postgresPromise({ setting, server }, sqlite), ROUNDS);
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
  const ours = await bench.start(setting);
  const seen = {
    ...(await gather(setting, bench.root, (row) => namesOf(row).some(bench.isWanted))),
    crowd,
  };
  const ready = `http://127.0.0.1:${setting.floorPort}/readyz`;
  const bare = await startServer(join(bench.root, 'dist', 'bench', 'floor.js'), [seen.floorFile], {}, ready);
  const compared: Compared[] = [];
  const add = async (promised: readonly Promised[], rounds: number): Promise<void> => {
    for (const each of promised.filter(({ name }) => bench.isWanted(name))) {
      const row = await compare(each, rounds);
      report(row);
      compared.push(row);
    }
  };
  const own = promises(setting, ours, bare, seen);
  const isCrowd = ({ name }: Promised): boolean => name === CROWD_PROMISE;
  await add(
    own.filter((promised) => !isCrowd(promised)),
    ROUNDS,
  );
  for (const name of PEERS) {
    if (!isPeerWanted(name, bench.isWanted)) continue;
    const peer = await startPeer(bench.root, setting, name);
    await add(peerPromises(setting, own, peer), PEER_ROUNDS);
    await peer.server.stop();
  }
  // Late: what is remembered of a crowd makes every collection of garbage after it longer.
  await add(own.filter(isCrowd), ROUNDS);
  if (bench.isWanted(POSTGRES_PROMISE)) {
    const row = await onPostgres(bench, { setting, server: ours });
    report(row);
    compared.push(row);
  }
  await ours.stop();
  await bare.stop();
  return compared;
};
