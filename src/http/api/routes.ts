import { auditRoutes } from './audit.js';
import { connectionRoutes } from './connections.js';
import { hostSecretRoutes } from './host-secrets.js';
import { overviewRoutes } from './overview.js';
import { peopleRoutes } from './people.js';
import { providerTestRoutes } from './provider-tests.js';
import { recordRoutes } from './records.js';
import type { ApiRoute } from './route.js';
import { serverRoutes } from './server.js';
import { snippetRoutes } from './snippets.js';
import type { ApiWeb } from './web.js';

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
