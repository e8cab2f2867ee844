import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frameData, httpFrame } from '../test/support/http-viewer.js';
import { EACH_ANSWERS } from './each-gadgets.js';
import type { FloorSetup } from './floor.js';
import { CLIENTS, LAUNCHERS, launcher } from './promises.js';
import type { Setting } from './setting.js';

/** What `mingle-cards` is asked for, spelled out. */
export const PARAMETERS = {
  project: 'apollo',
  properties: ['Status', 'Owner'],
  sort: 'Number DESC',
  limit: 100,
};

/** A viewer with a frame that shows content, connected through the whole consent. Returns the frame's bearer token. */
export const connected = async (setting: Setting, gadget: string, sub: string): Promise<string> => {
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

/** People who launch have nothing to fetch any more, as at a page that they look at every day. */
export const gatherLaunchers = async (setting: Setting): Promise<void> => {
  for (let turn = 0; turn < LAUNCHERS; turn += 1)
    await httpFrame(setting).content(await connected(setting, 'mingle-cards', launcher(turn)));
};

/** So many people as there are clients, each with a frame of this gadget. */
const connectedClients = async (setting: Setting, gadget: string): Promise<readonly string[]> => {
  const bearers: string[] = [];
  for (let client = 0; client < CLIENTS; client += 1)
    bearers.push(await connected(setting, gadget, `${gadget}-${client}`));
  return bearers;
};

/** Everyone whom the wanted rows need, connected; and what the floor needs to do the same. */
export const gather = async (setting: Setting, root: string, isWanted: (name: string) => boolean) => {
  const { provider } = setting;
  const clients = async (gadget: string, row: string): Promise<readonly string[]> =>
    isWanted(row) ? connectedClients(setting, gadget) : [];
  const frame = httpFrame(setting);
  const warm = await connected(setting, 'mingle-cards', 'warm');
  const content = await frame.content(warm);
  if (content.status !== 200 || content.headers['x-oriel-state'] !== 'content')
    throw new Error(`expected content, got ${content.status} ${content.headers['x-oriel-state']}`);
  const launched = await frame.launch('bench', 'mingle-cards', {
    token: setting.token('warm'),
    'p.project': 'apollo',
  });
  if (isWanted('launch')) await gatherLaunchers(setting);
  const cold = await clients('cold-cards', 'cold XML');
  const issues = await clients('cold-issues', 'cold JSON');
  const each = await clients('cold-each', 'cold each');
  const plain = await clients('cold-plain', 'cold each');
  if (each.length > 0) {
    await requireRows(setting, each[0] ?? '', EACH_ANSWERS - 1);
    await requireRows(setting, plain[0] ?? '', 1);
  }
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
