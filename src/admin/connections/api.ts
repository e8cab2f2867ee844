import * as z from 'zod';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { next } from '../api-schemas.js';
import { bulkDisconnectProgress, getBulkDisconnect, listBulkDisconnects } from './bulk-disconnects.js';
import { listRefreshTroubles, retryProvider } from './refresh-trouble.js';
import {
  bulkDisconnect,
  connection,
  connectionsOf,
  connectionsQuery,
  refreshTrouble,
  revocation,
} from './schema.js';
import { getConnection, listConnections, revokeConnection, revokeConnections } from './use-cases.js';

const tag = 'connections';

/** Connections, and disconnecting them. */
export const connectionRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/connections', tag, scope: 'connections:read' },
    operationId: 'listConnections',
    summary: 'List connections, 50 at a time',
    query: connectionsQuery,
    answer: z.object({ items: z.array(connection), next }),
    async handle({ query: { cursor: from, ...filter } }) {
      const page = await listConnections(deps, filter, from ?? null);
      return { body: { items: page.connections, next: page.next } };
    },
  }),
  operation({
    ...{ method: 'get', path: '/connections/{id}', tag, scope: 'connections:read' },
    operationId: 'getConnection',
    summary: 'Get a connection',
    answer: connection,
    handle: async ({ params }) => ({ body: await getConnection(deps, params.id ?? '') }),
  }),
  operation({
    ...{ method: 'post', path: '/connections/{id}/revoke', tag, scope: 'connections:write' },
    operationId: 'revokeConnection',
    summary: 'Disconnect a viewer; the provider is asked to revoke the permission where it supports that',
    answer: revocation,
    handle: async ({ params, by }) => ({ body: await revokeConnection(deps, params.id ?? '', by) }),
  }),
  operation({
    ...{ method: 'post', path: '/connections/revoke', tag, scope: 'connections:write' },
    operationId: 'revokeConnections',
    summary:
      'Disconnect everyone of a provider, a host, or a provider on a host; providers are asked to revoke where they support that',
    body: connectionsOf,
    answer: bulkDisconnect,
    status: 202,
    async handle({ body, by }) {
      const started = await revokeConnections(deps, body, by);
      return { status: 202, body: await bulkDisconnectProgress(deps, started) };
    },
  }),
  operation({
    ...{ method: 'get', path: '/bulk-disconnects', tag, scope: 'connections:read' },
    operationId: 'listBulkDisconnects',
    summary: 'List bulk disconnects, in progress and finished',
    answer: z.object({ items: z.array(bulkDisconnect) }),
    handle: async () => ({ body: { items: await listBulkDisconnects(deps) } }),
  }),
  operation({
    ...{ method: 'get', path: '/bulk-disconnects/{id}', tag, scope: 'connections:read' },
    operationId: 'getBulkDisconnect',
    summary: 'Get the progress of a bulk disconnect',
    answer: bulkDisconnect,
    handle: async ({ params }) => ({ body: await getBulkDisconnect(deps, params.id ?? '') }),
  }),
  operation({
    ...{ method: 'get', path: '/troubles', tag: 'providers', scope: 'providers:read' },
    operationId: 'listTroubles',
    summary: 'List why tokens are not renewed, by provider',
    answer: z.object({ items: z.array(refreshTrouble) }),
    handle: async () => ({ body: { items: await listRefreshTroubles(deps) } }),
  }),
  operation({
    ...{ method: 'post', path: '/providers/{id}/retry', tag: 'providers', scope: 'providers:write' },
    operationId: 'retryProvider',
    summary: 'Retry token requests with clients that the provider rejected',
    answer: z.object({ stopped: z.int().meta({ description: 'Clients that were stopped' }) }),
    handle: async ({ params, by }) => ({
      body: { stopped: await retryProvider(deps, params.id ?? '', by) },
    }),
  }),
];
