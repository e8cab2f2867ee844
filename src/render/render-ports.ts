import type { Directory } from '../config/directory.js';
import type { AccessSource } from '../connect/tokens/access-source.js';
import type { Connection } from '../domain/connection.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Clock, Digest } from '../domain/system.js';
import type { ConnectionStore } from '../store/stores.js';
import type { PrivateCaches } from '../upstream/cache.js';
import type { Upstream } from '../upstream/upstream.js';
import type { Views } from '../views/view-models.js';

/** All that showing a gadget asks of the world. */
export interface RenderPorts {
  readonly directory: Pick<Directory, 'host' | 'provider' | 'providerName'>;
  readonly access: AccessSource;
  /** Looked up with every rendering, so best kept in memory. */
  readonly connections: Pick<ConnectionStore, 'find' | 'recall'>;
  readonly upstream: Pick<Upstream, 'get' | 'kept'>;
  readonly caches: Pick<PrivateCaches, 'get' | 'set'>;
  readonly views: Pick<Views, 'content' | 'state'>;
  readonly digest: Digest;
  /** Told of every rendering made of what a Connection gave, not of each time that one is shown again. */
  readonly noteUse: (connection: Connection, gadget: string) => void;
  readonly clock: Clock;
  readonly misplaced: ReportMisplaced;
}
