import type { Directory } from '../../config/directory.js';
import type { ConnectDeps } from '../../connect/connect-deps.js';
import type { Clock, Entropy } from '../../domain/system.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import type { WebSessionStore } from '../../store/people/web-session-store.js';
import type { PageViews } from '../../views/view-models.js';
import type { Assets } from '../assets.js';
import type { ErrorPage } from './error-text.js';

/** All that the site origin's routes need. */
export interface SiteWeb {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly directory: Directory;
  readonly views: PageViews;
  readonly assets: Pick<Assets, 'url'>;
  /** By code. */
  readonly errorPages: ReadonlyMap<string, ErrorPage>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly webSessions: WebSessionStore;
  /** What connecting is given. */
  readonly connect: ConnectDeps;
  readonly hostTokens: Pick<HostTokens, 'verifyFor'>;
}
