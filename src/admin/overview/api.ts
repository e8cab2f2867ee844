import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { overview } from './schema.js';
import { getOverview } from './use-cases.js';

/** How the servers are doing. */
export const overviewRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/overview', tag: 'server', scope: 'overview:read' },
    operationId: 'getOverview',
    summary: 'Get the last day, and what needs attention',
    answer: overview,
    handle: async () => ({ body: await getOverview(deps) }),
  }),
];
