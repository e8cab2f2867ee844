import type { Clock, Entropy } from '../domain/system.js';
import type { WebSessionStore } from '../store/stores.js';
import type { Views } from '../views/view-models.js';
import type { Assets } from '../web/assets.js';
import type { Management } from './management.js';

/** All that the console's routes need. What administrators can do is in `Management`. */
export interface AdminWeb {
  readonly siteOrigin: string;
  readonly gadgetOrigin: string;
  readonly views: Pick<Views, 'page'>;
  readonly assets: Pick<Assets, 'url'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly webSessions: WebSessionStore;
  readonly manage: Management;
}
