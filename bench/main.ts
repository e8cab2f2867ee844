import { rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frameData, httpFrame } from '../test/support/http-viewer.js';
import { startPostgres } from '../test/support/postgres.js';
import { type Compared, compare, median } from './compare.js';
import { gatherCrowd } from './crowd.js';
import { EACH_ANSWERS } from './each-gadgets.js';
import type { FloorSetup } from './floor.js';
import { measure } from './load.js';
import {
  CLIENTS,
  CROWD_PROMISE,
  LAUNCHERS,
  launcher,
  POSTGRES_PROMISE,
  postgresPromise,
  promises,
} from './promises.js';
import { startProvider } from './provider.js';
import { printHead, printRest, printRow, type Report } from './report.js';
import { type Server, startServer } from './server.js';
import { BUDGETS, makeSetting, type Setting } from './setting.js';
import { measureStored, type StoredReport } from './stored.js';

const ROUNDS = 7;
const MOST_START_MS = 1000;
const MOST_IDLE_MB = 140;
/** The one that stores a million Connections. */
const STORED_PROMISE = 'stored connections';

/** `--only cold` measures the promises whose name holds that word. */
const only = process.argv[process.argv.indexOf('--only') + 1 || process.argv.length] ?? '';

const PARAMETERS = { project: 'apollo', properties: ['Status', 'Owner'], sort: 'Number DESC', limit: 100 };

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'dist', 'main.js');
const floor = join(root, 'dist', 'bench', 'floor.js');

const startOurs = (setting: Setting): Promise<Server> =>
  startServer(main, ['serve', '--config', setting.config], {}, `${setting.gadgetOrigin}/readyz`);

/** A viewer with a frame that shows content, connected through the whole consent. */
const connected = async (setting: Setting, gadget: string, sub: string): Promise<string> => {
  const frame = httpFrame(setting);
  const page = await frame.launch('bench', gadget, { token: setting.token(sub), 'p.project': 'apollo' });
  const { bearer } = frameData(page.text);
  const status = await frame.connect(bearer, 'mingle', async (url) => {
    const asked = new URL(url).searchParams;
    const state = encodeURIComponent(asked.get('state') ?? '');
    return `${asked.get('redirect_uri')}?code=${'c'.repeat(64)}&expires_in=3600&state=${state}`;
  });
  if (status !== 'active') throw new Error(`the flow ended as ${status}`);
  return bearer;
};

/** Headers of an answer that the floor repeats: all but those that Node or the floor writes itself. */
const repeatable = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && !/^(date|connection|keep-alive|content-length|x-request-id)$/.test(name)
        ? [[name, value]]
        : [],
    ),
  );

/** A row that shows something else than it should measures nothing. */
const requireRows = async (setting: Setting, bearer: string, rows: number): Promise<void> => {
  const { headers, text } = await httpFrame(setting).content(bearer);
  const shown = (text.match(/<li>.*?Issue \d/gs) ?? []).length;
  if (shown !== rows) throw new Error(`expected ${rows} rows, got ${shown} and ${headers['x-oriel-state']}`);
};

const gather = async (setting: Setting, provider: string) => {
  const frame = httpFrame(setting);
  const warm = await connected(setting, 'mingle-cards', 'warm');
  const content = await frame.content(warm);
  if (content.status !== 200 || content.headers['x-oriel-state'] !== 'content')
    throw new Error(`expected content, got ${content.status} ${content.headers['x-oriel-state']}`);
  const launched = await frame.launch('bench', 'mingle-cards', {
    token: setting.token('warm'),
    'p.project': 'apollo',
  });
  // Their first launch has nothing to fetch any more, as at a page that they look at every day.
  for (let turn = 0; turn < LAUNCHERS; turn += 1)
    await frame.content(await connected(setting, 'mingle-cards', launcher(turn)));
  const cold: string[] = [];
  for (let client = 0; client < CLIENTS; client += 1)
    cold.push(await connected(setting, 'cold-cards', `cold-${client}`));
  const issues: string[] = [];
  for (let client = 0; client < CLIENTS; client += 1)
    issues.push(await connected(setting, 'cold-issues', `issues-${client}`));
  const each: string[] = [];
  const plain: string[] = [];
  for (let client = 0; client < CLIENTS; client += 1) {
    each.push(await connected(setting, 'cold-each', `each-${client}`));
    plain.push(await connected(setting, 'cold-plain', `plain-${client}`));
  }
  await requireRows(setting, each[0] ?? '', EACH_ANSWERS - 1);
  await requireRows(setting, plain[0] ?? '', 1);
  const mql = encodeURIComponent("SELECT number, name, type, 'Status', 'Owner' ORDER BY number DESC");
  const floorSetup: FloorSetup = {
    port: setting.floorPort,
    root,
    database: join(setting.folder, 'floor.db'),
    provider,
    secret: setting.secret,
    warm: { headers: repeatable(content.headers), body: content.text },
    launch: { headers: repeatable(launched.headers), body: launched.text },
    model: {
      gadget: { id: 'mingle-cards', title: 'Cards', view: 'mingle-cards/view.njk' },
      parameters: PARAMETERS,
      unknown: { properties: [] },
      missing: [],
      connected: [
        {
          provider: 'mingle',
          name: 'Mingle',
          account: null,
          tells: false,
          accountPage: null,
          site: provider,
        },
      ],
      locale: 'en',
      timeZone: 'UTC',
      stale: false,
    },
    target: `/api/v2/projects/apollo/cards/execute_mql.xml?mql=${mql}`,
    issues: '/api/v2/projects/apollo/issues.json?state=open',
    definitions: '/api/v2/projects/apollo/property_definitions.xml',
  };
  const file = join(setting.folder, 'floor.json');
  writeFileSync(file, JSON.stringify(floorSetup));
  return { warm, cold, issues, each, plain, etag: String(content.headers.etag), floorFile: file };
};

/** Starts it five times over and lets the last one idle. */
const startUps = async (setting: Setting) => {
  const starts: number[] = [];
  let rss = 0;
  for (let round = 0; round < 5; round += 1) {
    const server = await startOurs(setting);
    starts.push(server.startMs);
    if (round === 4) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      ({ rss } = await server.usage());
    }
    await server.stop();
  }
  return { startMs: median(starts), idleMb: rss / 1024 / 1024 };
};

/** Resident megabytes after the whole crowd has looked twice at a server with this budget. */
const crowded = async (setting: Setting, crowd: readonly string[], budget: number): Promise<number> => {
  const args = ['serve', '--config', setting.withBudget(budget)];
  const server = await startServer(main, args, {}, `${setting.gadgetOrigin}/readyz`);
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
  return rss / 1024 / 1024;
};

/** What remembering takes: the same work with a budget that a crowd fills, and with one that keeps next to nothing. */
const memoryOf = async (setting: Setting, crowd: readonly string[]) => {
  const base = await crowded(setting, crowd, BUDGETS.little);
  const mb = await crowded(setting, crowd, BUDGETS.filled);
  const atMost = base + 1.5 * BUDGETS.filled;
  return { mb, base, atMost, holds: mb <= atMost };
};

/** Launches on a PostgreSQL of its own, beside those of this server. */
const onPostgres = async (
  provider: string,
  sqlite: { readonly setting: Setting; readonly server: Server },
): Promise<Compared> => {
  const postgres = await startPostgres();
  const setting = await makeSetting(root, provider, await postgres.database());
  const server = await startOurs(setting);
  try {
    for (let turn = 0; turn < LAUNCHERS; turn += 1)
      await httpFrame(setting).content(await connected(setting, 'mingle-cards', launcher(turn)));
    return await compare(postgresPromise({ setting, server }, sqlite), ROUNDS);
  } finally {
    await server.stop();
    await postgres.stop();
    rmSync(setting.folder, { recursive: true, force: true });
  }
};

/** A store of its own that grows, and a server that was started on it. */
const ofStored = async (provider: string): Promise<StoredReport> => {
  const setting = await makeSetting(root, provider);
  try {
    // Makes the database.
    await (await startOurs(setting)).stop();
    return await measureStored(setting, async () => {
      const server = await startOurs(setting);
      const { rss } = await server.usage();
      await server.stop();
      return rss;
    });
  } finally {
    rmSync(setting.folder, { recursive: true, force: true });
  }
};

const json = process.argv.includes('--json');

const run = async (): Promise<boolean> => {
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  if (!json) printHead({ machine, rounds: ROUNDS });
  const provider = await startProvider();
  const setting = await makeSetting(root, provider.url);
  try {
    const { startMs, idleMb } = await startUps(setting);
    const crowd = CROWD_PROMISE.includes(only) ? await gatherCrowd(setting, 'crowd-cards', PARAMETERS) : [];
    const ours = await startOurs(setting);
    const seen = { ...(await gather(setting, provider.url)), crowd };
    const bare = await startServer(
      floor,
      [seen.floorFile],
      {},
      `http://127.0.0.1:${setting.floorPort}/readyz`,
    );
    const compared: Compared[] = [];
    for (const promised of promises(setting, ours, bare, seen).filter(({ name }) => name.includes(only))) {
      const row = await compare(promised, ROUNDS);
      if (!json) printRow(row);
      compared.push(row);
    }
    if (POSTGRES_PROMISE.includes(only)) {
      const row = await onPostgres(provider.url, { setting, server: ours });
      if (!json) printRow(row);
      compared.push(row);
    }
    await ours.stop();
    await bare.stop();
    const stored = STORED_PROMISE.includes(only) ? await ofStored(provider.url) : null;
    const memory = crowd.length > 0 ? await memoryOf(setting, crowd) : null;
    const report: Report = {
      machine,
      rounds: ROUNDS,
      compared,
      start: { ms: startMs, atMost: MOST_START_MS, holds: startMs <= MOST_START_MS },
      memory,
      stored,
      idle: { mb: idleMb, atMost: MOST_IDLE_MB, holds: idleMb <= MOST_IDLE_MB },
    };
    if (json) console.log(JSON.stringify(report));
    else printRest(report);
    return (
      report.start.holds &&
      report.idle.holds &&
      memory?.holds !== false &&
      stored?.holds !== false &&
      compared.every(({ holds }) => holds)
    );
  } finally {
    provider.close();
    rmSync(setting.folder, { recursive: true, force: true });
  }
};

// Not by `exitCode`: what starts PostgreSQL ends this process with 0 otherwise.
process.exit((await run()) ? 0 : 1);
