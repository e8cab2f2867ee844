import { type Administration, administration } from '../http/admin/administration.js';
import type { Management } from '../manage/management.js';
import type { ManagePorts } from '../manage/ports.js';
import type { Pages } from './routes.js';

/** The console, bound to its stories. */
export const consoleOf = (
  pages: Pages,
  { stores, clock, entropy }: Pick<ManagePorts, 'stores' | 'clock' | 'entropy'>,
  manage: Management,
): Administration => administration({ ...pages, clock, entropy, webSessions: stores.webSessions, manage });
