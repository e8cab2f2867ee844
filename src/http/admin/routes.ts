import { auditRoutes } from './audit/audit.js';
import { connectionRoutes } from './connections/connections.js';
import { departureRoutes } from './connections/departures.js';
import { previewRoutes } from './embedding/preview.js';
import { snippetRoutes } from './embedding/snippet.js';
import { overviewRoutes } from './overview/overview.js';
import { administratorRoutes } from './people/administrators.js';
import { apiKeyRoutes } from './people/api-keys.js';
import { hostRoutes } from './records/hosts.js';
import { providerTestRoutes } from './records/provider-test.js';
import { providerRoutes } from './records/providers.js';
import { removalRoutes } from './records/record-removal.js';
import { serverRoutes } from './server.js';
import type { SessionRoute } from './session-route.js';
import type { AdminWeb } from './web.js';

/** Every page of the console, each for signed-in administrators alone: the guard in front of them knows no exception. */
export const consoleRoutes = (web: AdminWeb): readonly SessionRoute[] => [
  ...overviewRoutes(web),
  ...providerRoutes(web),
  ...hostRoutes(web),
  ...providerTestRoutes(web),
  ...removalRoutes(web),
  ...snippetRoutes(web),
  ...previewRoutes(web),
  ...connectionRoutes(web),
  ...departureRoutes(web),
  ...administratorRoutes(web),
  ...apiKeyRoutes(web),
  ...auditRoutes(web),
  ...serverRoutes(web),
];
