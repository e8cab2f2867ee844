import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../src/admin/api-route.js';
import { apiRoutes } from '../../src/admin/mount-api.js';
import { openStores } from '../../src/store/open-stores.js';
import { ada, bob, connect, keyRing, newFlow } from '../store/fixtures.js';
import { TestClock } from '../support/test-clock.js';
import { freePort, loopback, openFolder, type Started, start } from './command-line.js';
import { commandsIn } from './in-process.js';

const LONG_AGO = 1_600_000_000_000;
const TODAY = Date.now();
const folder = openFolder();
let server: Started;
beforeAll(async () => {
  const database = `sqlite:${join(folder.path, 'oriel.db')}`;
  const key = keyRing('k')[0]?.key.reveal();
  folder.write('oriel.yaml', { ...loopback(await freePort()), database, keys: [`k:${key}`] });
  server = start(['serve'], { cwd: folder.path });
  await server.saying('"ready"');
  const stores = await openStores({ url: database, keys: keyRing('k'), clock: new TestClock() });
  // Of today: what is older than the server keeps unused is ended by it before a slow machine gets to asking.
  for (const [flow, viewer] of [
    ['one', ada],
    ['two', bob],
  ] as const)
    await connect(stores, newFlow(flow, { viewer, startedAt: TODAY }), { now: TODAY });
  await stores.clientStops.stop('mingle', 'key', LONG_AGO);
  await stores.close();
}, 60_000);
afterAll(async () => {
  server?.child.kill('SIGTERM');
  await server?.ended;
  folder.remove();
});

const routes = apiRoutes({} as ApiDeps);
const oriel = commandsIn({ cwd: folder.path });

/** In this order: what is made is shown, and then ended. */
const COMMANDS: readonly (readonly [operationId: string, ...args: string[]])[] = [
  ['listTroubles', 'connection', 'trouble'],
  ['getOverview', 'overview'],
  ['retryProvider', 'provider', 'retry', 'mingle'],
  ['createProvider', 'provider', 'add', 'wiki', '-s', 'preset=mingle', '-s', 'url=http://localhost:4'],
  ['testProvider', 'provider', 'test', 'wiki'],
  ['listProviders', 'provider', 'list'],
  ['changeProvider', 'provider', 'edit', 'wiki', '-s', 'name=Wiki'],
  ['getProvider', 'provider', 'show', 'wiki'],
  ['removeProvider', 'provider', 'remove', 'wiki'],
  ['getSnippets', 'host', 'snippet', 'gocd', '--param', 'project=apollo'],
  ['listConnections', 'connection', 'list'],
  ['revokeConnection', 'connection', 'revoke', 'connection-of-one'],
  ['revokeConnections', 'connection', 'revoke-all', '--host', 'gocd'],
  ['listBulkDisconnects', 'connection', 'bulk-disconnects'],
  ['listAudit', 'audit', 'list'],
  ['verifyAudit', 'audit', 'verify'],
  ['inviteAdministrator', 'admin', 'invite'],
  ['createApiKey', 'api-key', 'create', 'nightly', '--scope', 'audit:read'],
  ['listApiKeys', 'api-key', 'list'],
  ['listServers', 'server', 'list'],
  ['reloadConfiguration', 'reload'],
  ['listKeys', 'keys', 'list'],
  ['rotateKeys', 'keys', 'rotate'],
];

describe('With --json a command', () => {
  it.each(COMMANDS)('prints what the API answers to %s', async (operationId, ...args) => {
    const { out } = await oriel(...args, '--json');
    const answer = JSON.parse(out);
    const shape = routes.find((route) => route.operationId === operationId)?.answer;
    // What a shape does not know of it leaves out: so what is left must be all there was.
    expect(shape?.parse(answer)).toEqual(answer);
    expect(answer.items).not.toEqual([]);
  });

  it.each([
    ['admin_unknown', 'admin', 'reset', 'nobody'],
    ['record_unknown', 'provider', 'show', 'nobody'],
    ['connection_unknown', 'connection', 'revoke', 'nobody'],
    ['parameter_invalid', 'audit', 'list', '--from', 'yesterday'],
    ['body_invalid', 'api-key', 'create', 'x', '--scope', 'everything'],
    ['record_invalid', 'host', 'add', 'x', '-s', 'origins=[]'],
    ['configuration_invalid', 'provider', 'add', 'x', '--file', 'nowhere.yaml'],
    ['parameter_invalid', 'audit', 'list', '--cursor', 'x'],
    ['command_invalid', 'audit', 'list', '--before', 'x'],
    [null, 'audit', 'list', '--viewer', 'x'],
    // An option without its value takes the next word for it, which here is --json.
    ['provider_unknown', 'connection', 'list', '--provider'],
  ])('that fails says so as a problem document does: %s', async (code, ...args) => {
    const { code: ended, out, err } = await oriel(...(args as string[]), '--json');
    expect({ ended, err }).toEqual({ ended: 1, err: '' });
    expect(JSON.parse(out)).toMatchObject({ ok: false, code, detail: expect.stringMatching(/[.?']$/) });
  });
});
