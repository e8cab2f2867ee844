import { administratorRoutes } from './administrators.js';
import { apiKeyRoutes } from './api-keys.js';
import { auditRoutes } from './audit.js';
import { connectionRoutes } from './connections.js';
import { departureRoutes } from './departures.js';
import { hostRoutes } from './hosts.js';
import { overviewRoutes } from './overview.js';
import { previewRoutes } from './preview.js';
import { providerTestRoutes } from './provider-test.js';
import { providerRoutes } from './providers.js';
import { removalRoutes } from './record-removal.js';
import { serverRoutes } from './server.js';
import type { SessionRoute } from './session-route.js';
import { snippetRoutes } from './snippet.js';
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
