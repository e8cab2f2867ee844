import { administratorRoutes } from './administrators.js';
import { apiKeyRoutes } from './api-keys.js';
import { auditRoutes } from './audit.js';
import type { SessionRoute } from './session-route.js';
import type { AdminWeb } from './web.js';

/** Every page of the console, each for signed-in administrators alone: the guard in front of them knows no exception. */
export const consoleRoutes = (web: AdminWeb): readonly SessionRoute[] => [
  ...administratorRoutes(web),
  ...apiKeyRoutes(web),
  ...auditRoutes(web),
];
