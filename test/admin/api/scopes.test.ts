import { expect, it } from 'vitest';
import type { ApiDeps } from '../../../src/admin/api-route.js';
import { apiRoutes } from '../../../src/admin/mount-api.js';
import type { ApiScope } from '../../../src/domain/administrator.js';

/** What a key must be allowed for each operation. Anyone who adds one says here who may call it. */
const NEEDED: Readonly<Record<ApiScope, readonly string[]>> = {
  'providers:read': ['listProviders', 'getProvider', 'checkProvider', 'listTroubles'],
  'providers:write': [
    'createProvider',
    'changeProvider',
    'removeProvider',
    'testProvider',
    'testProviderEntry',
    'trustCertificates',
    'retryProvider',
  ],
  'hosts:read': ['listHosts', 'getHost', 'checkHost', 'getSnippets'],
  'hosts:write': ['createHost', 'changeHost', 'removeHost', 'renewHostSecret'],
  'connections:read': ['listConnections', 'getConnection', 'listBulkDisconnects', 'getBulkDisconnect'],
  'connections:write': ['revokeConnection', 'revokeConnections'],
  'audit:read': ['listAudit', 'findAuditViewer', 'exportAudit', 'verifyAudit'],
  'overview:read': ['getOverview', 'listServers'],
  'admins:read': ['listAdministrators', 'listApiKeys'],
  'admins:write': [
    'inviteAdministrator',
    'resetAdministrator',
    'removeAdministrator',
    'createApiKey',
    'revokeApiKey',
  ],
  'configuration:reload': ['reloadConfiguration'],
  'keys:rotate': ['getKeyRotation', 'listKeys', 'rotateKeys'],
  'backup:read': ['makeBackup'],
};

it('Every operation of the API needs the one scope that is written down for it', () => {
  // Only the table is looked at: no handler is called.
  const routes = apiRoutes({} as ApiDeps);
  const documented = routes.map(({ operationId, scope }) => `${operationId} needs ${scope}`);
  const needed = Object.entries(NEEDED).flatMap(([scope, operations]) =>
    operations.map((operationId) => `${operationId} needs ${scope}`),
  );
  expect(documented.toSorted()).toEqual(needed.toSorted());
});
