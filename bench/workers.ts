import { availableParallelism, platform } from 'node:os';
import pg from 'pg';
import { startPostgres } from '../test/support/postgres.js';
import type { Bench } from './bench.js';
import type { Checked } from './checked.js';
import { median, WARM_UP } from './compare.js';
import { crowdMember, gatherCrowd } from './crowd.js';
import { connected, PARAMETERS } from './gather.js';
import { measure, type Scenario, type Shot } from './load.js';
import { cpuOf, familyCpu, familyOf } from './processes.js';
import { CLIENTS, inTurn, launchShot } from './promises.js';
import { freePort, type Setting } from './setting.js';

export const WORKERS_PROMISE = 'two workers';
export const GROWING_PROMISE = 'launches by processes';

const ROUNDS = 5;
/** Looks are as many as can be. */
const LOOKS = { requests: 1200, pace: Number.POSITIVE_INFINITY, warmUp: WARM_UP };
/** Launches are so few that the database and the load have processor time to spare: processes that take it from each other need more of it for the same work. */
const LAUNCHES = { requests: 500, pace: 250, warmUp: 2000 };
/** Numbers of processes that launch, and people who do so. */
const PROCESSES = [1, 2, 4] as const;
const LAUNCHERS = 300;
/** How many times one worker's work two do, and four do, at least. */
const TWICE = 1.7;
const GROWTH = { two: 1.5, four: 2.5 } as const;

interface Worked {
  /** Requests that one second of all workers' processor time is enough for. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
  /** The share of the processor time that the least busy worker has of what would be its fair part. */
  readonly fairness: number;
}

const medianOf = (all: readonly Worked[]): Worked => ({
  perCpuSecond: median(all.map(({ perCpuSecond }) => perCpuSecond)),
  perSecond: median(all.map(({ perSecond }) => perSecond)),
  fairness: median(all.map(({ fairness }) => fairness)),
});

/** What is asked, how often in a round and at most in a second, and how often of each worker before the rounds. */
interface Load {
  readonly requests: number;
  readonly pace: number;
  readonly warmUp: number;
  shot(client: number): Shot;
}

/** Serves with so many workers on a port of its own. Its public address stays that of the setting, as behind a load balancer. */
const serving = async (bench: Bench, setting: Setting, workers: number, load: Load) => {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const config = setting.changed({ workers, listen: { host: '127.0.0.1', port } });
  const server = await bench.startAt(origin, config);
  const { host } = new URL(setting.gadgetOrigin);
  const scenario: Scenario = {
    ...{ server, origin, status: 200 },
    shot(client) {
      const shot = load.shot(client);
      return { ...shot, headers: { ...shot.headers, host } };
    },
  };
  const clients = CLIENTS * workers;
  return {
    // Each of them has to warm up.
    warmUp: () => measure(scenario, load.warmUp * workers, clients),
    async round(): Promise<Worked> {
      const family = await familyOf(server.pid);
      const before = await Promise.all(family.map(cpuOf));
      const { perSecond } = await measure(scenario, load.requests, clients, load.pace);
      const after = await Promise.all(family.map(cpuOf));
      const used = after.map((cpu, index) => cpu - (before[index] ?? 0));
      const all = used.reduce((sum, cpu) => sum + cpu, 0);
      // The first process of several hands connections over, and does nothing else.
      const busy = workers === 1 ? used : used.slice(1);
      return { perSecond, perCpuSecond: load.requests / all, fairness: Math.min(...busy) / (all / workers) };
    },
    stop: () => server.stop(),
  };
};

/** Measures these numbers of workers in turn. `onRound` is called around each round with the number's index. */
const compareWorkers = async (
  bench: Bench,
  setting: Setting,
  numbers: readonly number[],
  load: Load,
  onRound: (index: number, round: () => Promise<void>) => Promise<void> = (_, round) => round(),
): Promise<readonly Worked[]> => {
  const all: Awaited<ReturnType<typeof serving>>[] = [];
  try {
    for (const workers of numbers) all.push(await serving(bench, setting, workers, load));
    for (const each of all) await each.warmUp();
    const rounds: Worked[][] = numbers.map(() => []);
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [index, each] of all.entries())
        await onRound(index, async () => void rounds[index]?.push(await each.round()));
    return rounds.map(medianOf);
  } finally {
    for (const each of all) await each.stop();
  }
};

/** How many times the work of one process so many could do with a core for each. */
const growthOf = (one: Worked, several: Worked, processes: number): number =>
  (processes * several.perCpuSecond) / one.perCpuSecond;

const growthWritten = (growth: number): string => `${growth.toFixed(2)} ×`;

/** Two workers render cold gadgets, against one: this is where processor time goes. */
const onSqlite = (bench: Bench): Promise<readonly Checked[]> =>
  bench.within(async (setting) => {
    const gathering = await bench.start(setting);
    const bearers: string[] = [];
    for (let client = 0; client < CLIENTS; client += 1)
      bearers.push(await connected(setting, 'cold-cards', `cold-${client}`));
    await gathering.stop();
    const shot = (client: number): Shot => ({
      ...{ method: 'GET', path: '/frame/content' },
      headers: { authorization: `Bearer ${bearers[client % CLIENTS]}` },
    });
    const [one, two] = await compareWorkers(bench, setting, [1, 2], { ...LOOKS, shot });
    if (one === undefined || two === undefined) return [];
    const growth = growthOf(one, two, 2);
    const actual = two.perSecond / one.perSecond;
    return [
      {
        name: WORKERS_PROMISE,
        measured: `${growthWritten(growth)} by processor time (${growthWritten(actual)} beside the load on ${availableParallelism()} cores)`,
        promised: `≥ ${growthWritten(TWICE)} one`,
        holds: growth >= TWICE,
        figures: { growth, actual, one: one.perSecond, two: two.perSecond, fairness: two.fairness },
      },
    ];
  });

/** The process that PostgreSQL's other processes are children of. */
const postmasterOf = async (url: string): Promise<number> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query(`select pg_read_file('postmaster.pid') as text`);
    return Number.parseInt(rows[0].text, 10);
  } finally {
    await client.end();
  }
};

/** One, two and four processes launch on one PostgreSQL. */
const onPostgres = async (bench: Bench): Promise<readonly Checked[]> => {
  const postgres = await startPostgres();
  try {
    return await bench.within(
      async (setting) => {
        await gatherCrowd(setting, 'crowd-cards', PARAMETERS, LAUNCHERS);
        const postmaster = await postmasterOf(setting.database);
        const database = PROCESSES.map(() => 0);
        const next = inTurn(crowdMember, LAUNCHERS);
        const shot = (): Shot => launchShot(setting, '/h/bench/g/crowd-cards', next());
        const load = { ...LAUNCHES, shot };
        const worked = await compareWorkers(bench, setting, PROCESSES, load, async (index, round) => {
          const before = await familyCpu(postmaster);
          await round();
          database[index] = (database[index] ?? 0) + (await familyCpu(postmaster)) - before;
        });
        const [one, two, four] = worked;
        if (one === undefined || two === undefined || four === undefined) return [];
        const growths = { two: growthOf(one, two, 2), four: growthOf(one, four, 4) };
        const micros = database.map((seconds) => Math.round((seconds * 1e6) / (ROUNDS * LAUNCHES.requests)));
        return [
          {
            name: GROWING_PROMISE,
            measured: `two ${growthWritten(growths.two)}, four ${growthWritten(growths.four)} by processor time; PostgreSQL ${micros.join(', ')} µs a launch`,
            promised: `≥ ${growthWritten(GROWTH.two)} and ≥ ${growthWritten(GROWTH.four)} one on PostgreSQL`,
            holds: growths.two >= GROWTH.two && growths.four >= GROWTH.four,
            figures: {
              ...growths,
              ...{
                cpu1: 1e6 / one.perCpuSecond,
                cpu2: 1e6 / two.perCpuSecond,
                cpu4: 1e6 / four.perCpuSecond,
              },
              ...{ database1: micros[0] ?? 0, database2: micros[1] ?? 0, database4: micros[2] ?? 0 },
            },
          },
        ];
      },
      await postgres.database(),
    );
  } finally {
    await postgres.stop();
  }
};

/**
 * What more processes are good for. The load and the database need cores too, which a small machine does not have to spare: so what is compared is how much one
 * second of processor time is good for, times the processes; the throughput that was seen is reported beside it. Only Linux says what the
 * processes of a server have used.
 */
export const checkWorkers = async (bench: Bench): Promise<readonly Checked[]> => {
  if (platform() !== 'linux') return [];
  return [
    ...(bench.isWanted(WORKERS_PROMISE) ? await onSqlite(bench) : []),
    ...(bench.isWanted(GROWING_PROMISE) ? await onPostgres(bench) : []),
  ];
};
