import type { ManagePorts } from '../admin/admin-ports.js';
import { administration } from '../admin/administration.js';
import type { Management } from '../admin/management.js';
import type { Administration } from '../web/app.js';
import type { Pages } from './origin-routes.js';

/** The console, bound to its stories. */
export const consoleOf = (
  pages: Pages,
  { stores, clock, entropy }: Pick<ManagePorts, 'stores' | 'clock' | 'entropy'>,
  manage: Management,
): Administration => administration({ ...pages, clock, entropy, webSessions: stores.webSessions, manage });
