import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.js';
import { gather } from './gather.js';
import { measure } from './load.js';
import { promises } from './promises.js';

/** A CPU profile as V8 writes it, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
  /** Microseconds of the system's monotonic clock, as `process.hrtime` counts it too. */
  readonly startTime: number;
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A package or folder and its share of the time, from 0 to 1. */
export interface Share {
  readonly place: string;
  readonly share: number;
}

/** The file that a position of a built file was written in; null where it is not known. */
export type SourceOf = (url: string, line: number, column: number) => string | null;

/** Where a file belongs: a package, a folder of ours, or Node itself. */
export const placeOf = (file: string): string => {
  if (file.startsWith('node:')) return 'Node itself';
  if (file.endsWith('.njk')) return 'templates';
  const [, inPackage] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? [];
  if (inPackage !== undefined) return inPackage;
  const [, folder] = /(?:^|\/)(src\/[^/]+)\//.exec(file) ?? [];
  // A package whose own source maps name a file of its own, such as saxes.
  return folder ?? basename(file).replace(/\.\w+$/, '');
};

/** Functions that are in no file, in our words; null where nothing was done. */
const NAMED: Readonly<Record<string, string | null>> = {
  writev: 'writing to sockets',
  writeLatin1String: 'writing to sockets',
  writeUtf8String: 'writing to sockets',
  writeBuffer: 'writing to sockets',
  writeString: 'writing the log',
  runMicrotasks: 'awaiting',
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code',
  '(idle)': null,
  '(root)': null,
};

/** From when to when, in microseconds of the system's monotonic clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n);

/** Where this part of a profile's time went, by the functions themselves without those they call, the largest share first. */
export const whereTimeGoes = (
  profile: CpuProfile,
  sourceOf: SourceOf,
  { from, to }: Span,
): readonly Share[] => {
  const places = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber, columnNumber } }) => {
      const named = NAMED[functionName];
      if (url === '') return [id, named === undefined ? 'built into V8 and Node' : named] as const;
      return [id, placeOf(sourceOf(url, lineNumber, columnNumber) ?? url)] as const;
    }),
  );
  const times = new Map<string, number>();
  let at = profile.startTime;
  for (let index = 0; index < profile.samples.length; index += 1) {
    at += profile.timeDeltas[index] ?? 0;
    if (at < from || at >= to) continue;
    // The time of a sample is that until the next.
    const delta = profile.timeDeltas[index + 1] ?? 0;
    const place = places.get(profile.samples[index] ?? 0) ?? null;
    if (place !== null) times.set(place, (times.get(place) ?? 0) + delta);
  }
  const all = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times].map(([place, time]) => ({ place, share: time / all })).sort((a, b) => b.share - a.share);
};

/** Reads the source maps beside built files, each once. */
const sourceMaps = (root: string): SourceOf => {
  const maps = new Map<string, SourceMap | null>();
  return (url, line, column) => {
    if (!url.startsWith('file:')) return url === '' ? null : url;
    const file = fileURLToPath(url);
    if (!maps.has(file)) {
      const isBuilt = existsSync(`${file}.map`) && !relative(join(root, 'dist'), file).startsWith('..');
      maps.set(file, isBuilt ? new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))) : null);
    }
    const found = maps.get(file)?.findEntry(line, column);
    return found !== undefined && 'originalSource' in found ? found.originalSource : file;
  };
};

/** Reads the profile that the main thread of a process left in this folder. */
const readProfile = (folder: string): CpuProfile => {
  const name = readdirSync(folder).find((each) => /^CPU\.\d+\.\d+\.\d+\.0\..*cpuprofile$/.test(each));
  if (name === undefined) throw new Error(`no profile of a main thread in ${readdirSync(folder).join(', ')}`);
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
};

/** The rows that are profiled: what people do most, and what takes longest. */
const HOTTEST = ['warm content', 'cold XML', 'launch'] as const;
const LEAST_SHARE = 0.01;

export interface Profiled {
  readonly name: string;
  readonly shares: readonly Share[];
}

/** Runs the hottest rows with V8's profiler, each on a server of its own. */
export const profileRows = (bench: Bench, report: (row: Profiled) => void): Promise<readonly Profiled[]> =>
  bench.within(async (setting) => {
    const gathering = await bench.start(setting);
    const rows = HOTTEST.filter(bench.isWanted);
    const seen = await gather(setting, bench.root, (name) => rows.some((row) => row === name));
    await gathering.stop();
    const sourceOf = sourceMaps(bench.root);
    const profiled: Profiled[] = [];
    for (const name of rows) {
      const folder = join(setting.folder, name.replaceAll(' ', '-'));
      const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
      const server = await bench.start(setting, setting.config, flags);
      const all = promises(setting, server, server, { ...seen, crowd: [] });
      const row = all.find((each) => each.name === name);
      if (row === undefined) throw new Error(`${name} is no row`);
      await measure(row.ours, row.requests, row.clients);
      const from = monotonicMicros();
      await measure(row.ours, row.requests, row.clients);
      const to = monotonicMicros();
      await server.stop();
      const shares = whereTimeGoes(readProfile(folder), sourceOf, { from, to });
      const shown = { name, shares: shares.filter(({ share }) => share >= LEAST_SHARE) };
      report(shown);
      profiled.push(shown);
    }
    return profiled;
  });
