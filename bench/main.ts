import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Bench } from './bench.js';
import { atMost, type Checked, MEGABYTE, megabytes, milliseconds } from './checked.js';
import { median } from './compare.js';
import { gatherCrowd } from './crowd.js';
import { drawCharts } from './draw.js';
import { PARAMETERS } from './gather.js';
import { checkCrowdMemory, FILLED_PROMISE, LIVE_PROMISE } from './memory.js';
import { checkPage, PAGE_PROMISE } from './page.js';
import { planTable } from './plan.js';
import { profileRows } from './profile.js';
import { CROWD_PROMISE } from './promises.js';
import { startProvider } from './provider.js';
import { printChecked, printHead, printProfile, printRow, type Report } from './report.js';
import { checkFirstLooks, RESTART_PROMISE } from './restart.js';
import { isAnyWanted, measureRows, PAIRS, ROUNDS } from './rows.js';
import type { Setting } from './setting.js';
import { checkStored, STORED_PROMISE } from './stored.js';
import { checkStorm, STORM_PROMISE } from './storm.js';
import { checkWorkers, GROWING_PROMISE, WORKERS_PROMISE } from './workers.js';

const START_PROMISE = 'start to ready';
const IDLE_PROMISE = 'idle resident';
const CHECK_PROMISE = 'check of all bundled gadgets';
const MOST_START_MS = 1000;
const MOST_IDLE_MB = 140;
const MOST_CHECK_MS = 3000;

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

/** Runs `oriel gadget check` as an author does, with every sample of every gadget that comes with Oriel. */
const checkGadgets = async ({ root }: Bench): Promise<Checked> => {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const started = performance.now();
    const args = [join(root, 'dist', 'main.js'), 'gadget', 'check', join(root, 'gadgets')];
    await promisify(execFile)(process.execPath, args);
    times.push(performance.now() - started);
  }
  return atMost(CHECK_PROMISE, median(times), MOST_CHECK_MS, milliseconds);
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const isJson = process.argv.includes('--json');
/** `--only cold` measures the promises whose name holds that word. */
const only = process.argv[process.argv.indexOf('--only') + 1 || process.argv.length] ?? '';

const run = async (): Promise<boolean> => {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  if (!isJson) printHead({ machine, pairs: PAIRS, rounds: ROUNDS });
  const provider = await startProvider();
  const bench = new Bench(root, provider, only);
  if (process.argv.includes('--profile')) {
    try {
      const profiled = await profileRows(bench, (row) => {
        if (!isJson) printProfile(row);
      });
      if (isJson) console.log(JSON.stringify({ machine, profiled }));
      return true;
    } finally {
      provider.close();
    }
  }
  const checked: Checked[] = [];
  const add = (all: readonly Checked[]): void => {
    for (const each of all) if (!isJson) printChecked(each);
    checked.push(...all);
  };
  try {
    const compared = await bench.within(async (setting) => {
      if ([START_PROMISE, IDLE_PROMISE].some(bench.isWanted)) add(await startUps(bench, setting));
      const ofMemory = [FILLED_PROMISE, LIVE_PROMISE].some(bench.isWanted);
      const crowd =
        ofMemory || bench.isWanted(CROWD_PROMISE)
          ? await gatherCrowd(setting, 'crowd-cards', PARAMETERS)
          : [];
      const rows = isAnyWanted(bench)
        ? await measureRows(bench, setting, crowd, (row) => {
            if (!isJson) printRow(row);
          })
        : [];
      if (ofMemory) add(await checkCrowdMemory(bench, setting, crowd));
      return rows;
    });
    if (bench.isWanted(CHECK_PROMISE)) add([await checkGadgets(bench)]);
    if (bench.isWanted(RESTART_PROMISE)) add(await checkFirstLooks(bench));
    if (bench.isWanted(STORM_PROMISE)) add(await checkStorm());
    if (bench.isWanted(PAGE_PROMISE)) add(await checkPage(bench));
    if ([WORKERS_PROMISE, GROWING_PROMISE].some(bench.isWanted)) add(await checkWorkers(bench));
    if (bench.isWanted(STORED_PROMISE)) add(await checkStored(bench));
    const report: Report = { machine, pairs: PAIRS, rounds: ROUNDS, compared, checked };
    if (isJson) console.log(JSON.stringify(report));
    return [...compared, ...checked].every(({ holds }) => holds);
  } finally {
    provider.close();
  }
};

if (process.argv.includes('--plan')) {
  console.log(planTable());
  process.exit(0);
}
const charts = process.argv.indexOf('--charts');
if (charts !== -1) {
  console.log(drawCharts(root, process.argv.slice(charts + 1)).join('\n'));
  process.exit(0);
}

// Not by `exitCode`: what starts PostgreSQL ends this process with 0 otherwise.
process.exit((await run()) ? 0 : 1);
