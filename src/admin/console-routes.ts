import { apiKeyRoutes } from './api-keys/pages.js';
import { auditRoutes } from './audit/pages.js';
import { departureRoutes } from './connections/departure-pages.js';
import { connectionRoutes } from './connections/pages.js';
import type { AdminWeb } from './console-web.js';
import { previewRoutes } from './gadgets/preview-pages.js';
import { hostRoutes } from './hosts/pages.js';
import { snippetRoutes } from './hosts/snippet-pages.js';
import { overviewRoutes } from './overview/pages.js';
import { administratorRoutes } from './people/pages.js';
import { providerTestRoutes } from './providers/dry-run-pages.js';
import { providerRoutes } from './providers/pages.js';
import { removalRoutes } from './records/removal-pages.js';
import { serverRoutes } from './server/pages.js';
import type { SessionRoute } from './session-route.js';

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
