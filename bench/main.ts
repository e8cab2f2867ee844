import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Bench } from './bench.js';
import { atMost, type Checked, MEGABYTE, megabytes, milliseconds } from './checked.js';
import { median } from './compare.js';
import { gatherCrowd } from './crowd.js';
import { PARAMETERS } from './gather.js';
import { measure } from './load.js';
import { CLIENTS, CROWD_PROMISE } from './promises.js';
import { startProvider } from './provider.js';
import { printChecked, printHead, printRow, type Report } from './report.js';
import { checkFirstLooks, RESTART_PROMISE } from './restart.js';
import { isAnyWanted, measureRows, ROUNDS } from './rows.js';
import { BUDGETS, type Setting } from './setting.js';
import { checkStored, STORED_PROMISE } from './stored.js';
import { checkStorm, STORM_PROMISE } from './storm.js';

const START_PROMISE = 'start to ready';
const IDLE_PROMISE = 'idle resident';
const MOST_START_MS = 1000;
const MOST_IDLE_MB = 140;

/** Starts it five times over and lets the last one idle. */
const startUps = async (bench: Bench, setting: Setting): Promise<readonly Checked[]> => {
  const starts: number[] = [];
  let rss = 0;
  for (let round = 0; round < 5; round += 1) {
    const server = await bench.start(setting);
    starts.push(server.startMs);
    if (round === 4) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      ({ rss } = await server.usage());
    }
    await server.stop();
  }
  return [
    atMost(START_PROMISE, median(starts), MOST_START_MS, milliseconds),
    atMost(IDLE_PROMISE, rss / MEGABYTE, MOST_IDLE_MB, megabytes),
  ];
};

/** Resident megabytes after the whole crowd has looked twice at a server with this budget. */
const crowded = async (
  bench: Bench,
  setting: Setting,
  crowd: readonly string[],
  budget: number,
): Promise<number> => {
  const server = await bench.start(setting, setting.withBudget(budget));
  let turn = 0;
  const shot = () =>
    ({
      method: 'GET',
      path: '/frame/content',
      headers: { authorization: `Bearer ${crowd[turn++ % crowd.length]}` },
    }) as const;
  await measure({ server, origin: setting.gadgetOrigin, status: 200, shot }, 2 * crowd.length, CLIENTS);
  const { rss } = await server.usage();
  await server.stop();
  return rss / MEGABYTE;
};

/** What remembering takes: the same work with a budget that a crowd fills, and with one that keeps next to nothing. */
const memoryOf = async (bench: Bench, setting: Setting, crowd: readonly string[]): Promise<Checked> => {
  const base = await crowded(bench, setting, crowd, BUDGETS.little);
  const mb = await crowded(bench, setting, crowd, BUDGETS.filled);
  const name = `crowd in ${BUDGETS.filled} MB`;
  return atMost(name, mb, base + 1.5 * BUDGETS.filled, megabytes, { withLittle: base });
};

const isJson = process.argv.includes('--json');
/** `--only cold` measures the promises whose name holds that word. */
const only = process.argv[process.argv.indexOf('--only') + 1 || process.argv.length] ?? '';

const run = async (): Promise<boolean> => {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  if (!isJson) printHead({ machine, rounds: ROUNDS });
  const provider = await startProvider();
  const bench = new Bench(fileURLToPath(new URL('../..', import.meta.url)), provider.url, only);
  const checked: Checked[] = [];
  const add = (all: readonly Checked[]): void => {
    for (const each of all) if (!isJson) printChecked(each);
    checked.push(...all);
  };
  try {
    const compared = await bench.within(async (setting) => {
      if ([START_PROMISE, IDLE_PROMISE].some(bench.isWanted)) add(await startUps(bench, setting));
      const crowd = bench.isWanted(CROWD_PROMISE)
        ? await gatherCrowd(setting, 'crowd-cards', PARAMETERS)
        : [];
      if (!isAnyWanted(bench)) return [];
      const rows = await measureRows(bench, setting, crowd, (row) => {
        if (!isJson) printRow(row);
      });
      if (crowd.length > 0) add([await memoryOf(bench, setting, crowd)]);
      return rows;
    });
    if (bench.isWanted(RESTART_PROMISE)) add(await checkFirstLooks(bench));
    if (bench.isWanted(STORM_PROMISE)) add(await checkStorm());
    if (bench.isWanted(STORED_PROMISE)) add(await checkStored(bench));
    const report: Report = { machine, rounds: ROUNDS, compared, checked };
    if (isJson) console.log(JSON.stringify(report));
    return [...compared, ...checked].every(({ holds }) => holds);
  } finally {
    provider.close();
  }
};

// Not by `exitCode`: what starts PostgreSQL ends this process with 0 otherwise.
process.exit((await run()) ? 0 : 1);
