import { Readable } from 'node:stream';
import * as z from 'zod';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { stream } from '../api-schemas.js';
import { reloadResults, server } from './schema.js';
import { listServers, makeBackup, reloadServers } from './use-cases.js';

const tag = 'server';

/** The servers themselves: which run, their configuration, a backup. */
export const serverRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/servers', tag, scope: 'overview:read' },
    operationId: 'listServers',
    summary: 'List the running servers',
    answer: z.object({ items: z.array(server) }),
    handle: async () => ({ body: { items: await listServers(deps) } }),
  }),
  operation({
    ...{ method: 'post', path: '/configuration/reload', tag, scope: 'configuration:reload' },
    operationId: 'reloadConfiguration',
    summary: 'Reload the configuration file on every running server',
    answer: reloadResults,
    handle: async ({ by }) => ({ body: { items: await reloadServers(deps, by) } }),
  }),
  operation({
    ...{ method: 'post', path: '/backup', tag, scope: 'backup:read' },
    operationId: 'makeBackup',
    summary: 'Create a backup: one consistent file, sealed with the key ring',
    type: 'application/octet-stream',
    answer: stream({ format: 'binary' }),
    handle: async ({ by }) => ({ body: Readable.from(await makeBackup(deps, by)) }),
  }),
];
