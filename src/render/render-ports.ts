import type { Connection } from '../domain/connection.js';
import type {
  AccessSource,
  Clock,
  Digest,
  Directory,
  PrivateCaches,
  ReportMisplaced,
  Upstream,
} from '../domain/ports.js';
import type { ConnectionStore } from '../store/stores.js';
import type { Views } from '../views/view-models.js';

/** All that showing a gadget asks of the world. */
export interface RenderPorts {
  readonly directory: Pick<Directory, 'host' | 'provider' | 'providerName'>;
  readonly access: AccessSource;
  /** Looked up with every rendering, so best kept in memory. */
  readonly connections: Pick<ConnectionStore, 'find'>;
  readonly upstream: Pick<Upstream, 'get' | 'kept'>;
  readonly caches: Pick<PrivateCaches, 'get' | 'set'>;
  readonly views: Pick<Views, 'content' | 'state'>;
  readonly digest: Digest;
  /** Told of every rendering made of what a Connection gave, not of each time that one is shown again. */
  readonly noteUse: (connection: Connection, gadget: string) => void;
  readonly clock: Clock;
  readonly misplaced: ReportMisplaced;
}
