import { apiKeyRoutes } from './api-keys/api.js';
import type { ApiDeps, ApiRoute } from './api-route.js';
import { auditRoutes } from './audit/api.js';
import { connectionRoutes } from './connections/api.js';
import { hostRoutes } from './hosts/api.js';
import { keyRoutes } from './keys/api.js';
import { overviewRoutes } from './overview/api.js';
import { peopleRoutes } from './people/api.js';
import { providerRoutes } from './providers/api.js';
import { recordRoutes } from './records/api.js';
import { serverRoutes } from './server/api.js';

/** Every operation of the administration API. */
export const apiRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  ...recordRoutes(deps),
  ...hostRoutes(deps),
  ...providerRoutes(deps),
  ...connectionRoutes(deps),
  ...auditRoutes(deps),
  ...peopleRoutes(deps),
  ...apiKeyRoutes(deps),
  ...overviewRoutes(deps),
  ...serverRoutes(deps),
  ...keyRoutes(deps),
];
