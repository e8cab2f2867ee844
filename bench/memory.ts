import type { Bench } from './bench.js';
import { atMost, type Checked, MEGABYTE, megabytes } from './checked.js';
import { CROWD } from './crowd.js';
import { measure } from './load.js';
import { CLIENTS } from './promises.js';
import { BUDGETS, type Setting } from './setting.js';

export const FILLED_PROMISE = `crowd in ${BUDGETS.filled} MB`;
export const LIVE_PROMISE = `${CROWD.toLocaleString('en')} live viewers`;

/** How many times what is kept of each viewer their being there may take, and so many bytes more. */
const TIMES_KEPT = 2.5;
const EACH_BYTES = 4096;

interface Crowded {
  /** Resident megabytes after the whole crowd has looked twice. */
  readonly mb: number;
  /** Questions to the provider during the second look. */
  readonly askedAgain: number;
}

const crowded = async (
  bench: Bench,
  setting: Setting,
  crowd: readonly string[],
  memoryBudget: number,
): Promise<Crowded> => {
  const server = await bench.start(setting, setting.changed({ memoryBudget }));
  let turn = 0;
  const shot = () =>
    ({
      method: 'GET',
      path: '/frame/content',
      headers: { authorization: `Bearer ${crowd[turn++ % crowd.length]}` },
    }) as const;
  const looks = { server, origin: setting.gadgetOrigin, status: 200, shot };
  await measure(looks, crowd.length, CLIENTS);
  const asked = bench.provider.asked();
  await measure(looks, crowd.length, CLIENTS);
  const { rss } = await server.usage();
  await server.stop();
  return { mb: rss / MEGABYTE, askedAgain: bench.provider.asked() - asked };
};

/** Bytes that are kept of one viewer: what they are shown, and the provider's answers that it was made of. */
const keptOf = async (bench: Bench, setting: Setting, bearer: string): Promise<number> => {
  const server = await bench.start(setting);
  const headers = { authorization: `Bearer ${bearer}` };
  const shown = await fetch(`${setting.gadgetOrigin}/frame/content`, { headers });
  const { byteLength } = await shown.arrayBuffer();
  await server.stop();
  const answers = await Promise.all(
    ['property_definitions.xml', 'cards/execute_mql.xml'].map(async (name) => {
      const answer = await fetch(`${bench.provider.url}/api/v2/projects/apollo/${name}`);
      return (await answer.arrayBuffer()).byteLength;
    }),
  );
  return byteLength + answers.reduce((sum, bytes) => sum + bytes, 0);
};

/** What a crowd takes in a budget that it fills. `base`: what the same work takes with one that keeps next to nothing. */
const checkFilled = async (bench: Bench, setting: Setting, crowd: readonly string[], base: number) => {
  const { mb } = await crowded(bench, setting, crowd, BUDGETS.filled);
  return atMost(FILLED_PROMISE, mb, base + 1.5 * BUDGETS.filled, megabytes, { withLittle: base });
};

const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;

/** What each of a crowd takes where there is room for all, who then are answered from memory. */
const checkLive = async (bench: Bench, setting: Setting, crowd: readonly string[], base: number) => {
  const { mb, askedAgain } = await crowded(bench, setting, crowd, BUDGETS.ample);
  if (askedAgain > 0) throw new Error(`${askedAgain} answers of a live crowd were not kept`);
  const kept = await keptOf(bench, setting, crowd[0] ?? '');
  const each = ((mb - base) * MEGABYTE) / crowd.length;
  const limit = TIMES_KEPT * kept + EACH_BYTES;
  const checked = atMost(LIVE_PROMISE, each, limit, kilobytes, { kept, mb });
  return {
    ...checked,
    measured: `${checked.measured} each, of which ${kilobytes(kept)} are kept`,
    promised: `${checked.promised} (${TIMES_KEPT} × what is kept and ${kilobytes(EACH_BYTES)})`,
  };
};

/** What remembering a crowd takes, against the same work with a budget that keeps next to nothing. */
export const checkCrowdMemory = async (
  bench: Bench,
  setting: Setting,
  crowd: readonly string[],
): Promise<readonly Checked[]> => {
  const base = (await crowded(bench, setting, crowd, BUDGETS.little)).mb;
  const checks = [
    [FILLED_PROMISE, checkFilled],
    [LIVE_PROMISE, checkLive],
  ] as const;
  const all: Checked[] = [];
  for (const [name, check] of checks)
    if (bench.isWanted(name)) all.push(await check(bench, setting, crowd, base));
  return all;
};
