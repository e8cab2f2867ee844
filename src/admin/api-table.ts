import type { ApiRoute } from './api-route.js';
import type { ApiWeb } from './api-web.js';
import { auditRoutes } from './audit/api.js';
import { connectionRoutes } from './connections/api.js';
import { hostSecretRoutes } from './hosts/secrets-api.js';
import { snippetRoutes } from './hosts/snippet-api.js';
import { overviewRoutes } from './overview/api.js';
import { peopleRoutes } from './people/api.js';
import { providerTestRoutes } from './providers/dry-run-api.js';
import { recordRoutes } from './records/api.js';
import { serverRoutes } from './server/api.js';

/** Every operation of the administration API. */
export const apiRoutes = (web: ApiWeb): readonly ApiRoute[] => [
  ...recordRoutes(web),
  ...hostSecretRoutes(web),
  ...providerTestRoutes(web),
  ...snippetRoutes(web),
  ...connectionRoutes(web),
  ...auditRoutes(web),
  ...peopleRoutes(web),
  ...overviewRoutes(web),
  ...serverRoutes(web),
];
