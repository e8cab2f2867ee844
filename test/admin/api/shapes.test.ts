import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../../src/admin/api-route.js';
import { apiRoutes } from '../../../src/admin/mount-api.js';
import { API_SCOPES } from '../../../src/domain/administrator.js';
import { Secret } from '../../../src/domain/secret.js';
import { openStores } from '../../../src/store/open-stores.js';
import { type TlsServer, tlsServer } from '../../net/tls-server.js';
import { ada, bob, connect, newFlow } from '../../store/fixtures.js';
import { selfSigned } from '../../support/self-signed.js';
import { TestClock } from '../../support/test-clock.js';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';
import { KEY } from '../../support/test-server.js';

const LONG_AGO = 1_600_000_000_000;
const own = selfSigned('localhost');
const provider = (url: string) => ({
  ...{ preset: 'mingle', url, client: { id: 'a', secret: 'b' } },
  allowAddresses: ['127.0.0.0/8', '::1/128'],
});
const host = (name: string) => ({
  ...{ name, origins: [`https://${name}.example.com`], gadgets: ['mingle-cards'], providers: ['mingle'] },
  key: { algorithm: 'HS256', secret: 'a-secret-of-enough-bytes-for-a-key' },
});

// Only the table is looked at: no handler is called.
const routes = apiRoutes({} as ApiDeps);

let testConsole: TestConsole;
let strange: TlsServer;
let key: string;
beforeAll(async () => {
  strange = await tlsServer(own, '{}');
  testConsole = await createTestConsole({
    providers: { mingle: provider('http://localhost:2') },
    hosts: { gocd: host('gocd') },
  });
  key = await testConsole.key(...API_SCOPES);
  const [id = '', secret = ''] = KEY.split(':');
  const keys = [{ id, key: new Secret(secret) }];
  const stores = await openStores({ url: `sqlite:${testConsole.database}`, keys, clock: new TestClock() });
  const connected = (flow: string, viewer = ada) =>
    connect(stores, newFlow(flow, { viewer, startedAt: LONG_AGO }), { account: flow, now: LONG_AGO });
  const { id: used } = await connected('one');
  await stores.connectionLists.used(used, 'mingle-cards', LONG_AGO);
  await stores.connections.expire(await connected('two', bob), 'revoked');
  await stores.clientStops.stop('mingle', 'key', LONG_AGO);
  const called = { metric: 'called', of: 'mingle', outcome: 'ok', count: 2, sum: 9, buckets: [2] } as const;
  await stores.meter.put('another', [{ ...called, at: Date.now() - 3_600_000 }]);
  await stores.close();
}, 60_000);
afterAll(async () => {
  await testConsole?.close();
  await strange?.close();
});

/** In this order: what is made is shown, and then ended. */
const steps = (): readonly (readonly [operationId: string, path: string, more?: object])[] => {
  const version = (of: number) => ({ headers: { 'if-match': `"${of}"` } });
  return [
    ['createProvider', '/providers/strange', { body: provider(strange.origin) }],
    ['checkProvider', '/providers/odd/check', { body: { preset: 'nothing' } }],
    ['testProvider', '/providers/strange/test'],
    ['testProviderEntry', '/providers/other/test-entry', { body: provider(strange.origin) }],
    ['trustCertificates', '/providers/strange/certificates', { body: { certificates: own.cert } }],
    ['listProviders', '/providers'],
    ['getProvider', '/providers/strange'],
    ['changeProvider', '/providers/strange', { ...version(2), body: provider(strange.origin) }],
    ['listTroubles', '/troubles'],
    ['getOverview', '/overview'],
    ['retryProvider', '/providers/mingle/retry'],
    ['removeProvider', '/providers/strange', version(3)],
    ['createHost', '/hosts/wiki', { body: host('wiki') }],
    ['checkHost', '/hosts/odd/check', { body: {} }],
    ['listHosts', '/hosts'],
    ['getHost', '/hosts/wiki'],
    ['getSnippets', '/hosts/wiki/snippets?gadget=mingle-cards&project=apollo'],
    ['changeHost', '/hosts/wiki', { ...version(1), body: host('portal') }],
    ['renewHostSecret', '/hosts/wiki/secret', version(2)],
    ['removeHost', '/hosts/wiki', version(3)],
    ['listConnections', '/connections'],
    ['getConnection', '/connections/connection-of-one'],
    ['revokeConnection', '/connections/connection-of-one/revoke'],
    ['revokeConnections', '/connections/revoke', { body: { host: 'gocd' } }],
    ['listBulkDisconnects', '/bulk-disconnects'],
    ['getBulkDisconnect', '/bulk-disconnects/{bulkDisconnect}'],
    ['findAuditViewer', '/audit/viewer', { body: { host: 'gocd', sub: 'ada' } }],
    ['listAudit', '/audit'],
    ['exportAudit', '/audit/export'],
    ['verifyAudit', '/audit/verify?head=x'],
    ['inviteAdministrator', '/administrators/invite'],
    ['listAdministrators', '/administrators'],
    ['resetAdministrator', '/administrators/{admin}/reset'],
    ['createApiKey', '/api-keys', { body: { name: 'nightly', scopes: ['audit:read'] } }],
    ['listApiKeys', '/api-keys'],
    ['revokeApiKey', '/api-keys/{apiKey}'],
    ['listServers', '/servers'],
    ['reloadConfiguration', '/configuration/reload'],
    ['listKeys', '/keys'],
    ['rotateKeys', '/keys/rotate', { body: {} }],
    ['getKeyRotation', '/keys/rotation'],
    ['makeBackup', '/backup'],
    // The last one: it cannot be done.
    ['removeAdministrator', '/administrators/{admin}'],
  ];
};

describe('Every operation of the API', () => {
  it('answers with what the document promises, and with nothing besides', { timeout: 120_000 }, async () => {
    const ids: Record<string, string> = {};
    const idsIn = ({ json }: Awaited<ReturnType<typeof call>>, operationId: string): void => {
      if (operationId === 'revokeConnections') ids.bulkDisconnect = json.bulkDisconnect.id;
      if (operationId === 'listAdministrators') ids.admin = json.items[0].id;
      if (operationId === 'createApiKey') ids.apiKey = json.key.id;
    };
    for (const [operationId, path, more] of steps()) {
      const route = routes.find((each) => each.operationId === operationId);
      const address = path.replace(/\{(\w+)\}/, (_all, name: string) => ids[name] ?? '');
      const answer = await call(testConsole, route?.method.toUpperCase() ?? '', address, { key, ...more });
      if (operationId === 'removeAdministrator') {
        expect(answer.json.code).toBe('admin_last');
        continue;
      }
      expect([operationId, answer.status, answer.json?.detail]).toEqual([
        operationId,
        route?.status ?? 200,
        undefined,
      ]);
      idsIn(answer, operationId);
      // What a shape does not know of it leaves out: so what is left must be all there was.
      if (route?.type === undefined && route?.answer != null)
        expect(route.answer.parse(answer.json), operationId).toEqual(answer.json);
      if (/"items":\[\]/.test(answer.text)) throw new Error(`${operationId} shows nothing`);
    }
  });

  it('is among those that were tried', () => {
    const tried = steps().map(([operationId]) => operationId);
    expect(tried.toSorted()).toEqual(routes.map(({ operationId }) => operationId).toSorted());
  });
});
