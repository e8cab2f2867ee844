import type { Directory } from '../config/directory.js';
import type { Audit } from '../domain/audit-event.js';
import type { Meter } from '../domain/meter.js';
import type { Secret } from '../domain/secret.js';
import type { Clock, Digest, Entropy, Journal, Peers } from '../domain/system.js';
import type { Authorizer } from '../providers/token-outcome.js';
import type { Stores } from '../store/stores.js';
import type { ViewerLimits } from '../store/viewer-limits.js';
import type { PrivateCaches } from '../upstream/cache.js';
import type { Upstream } from '../upstream/upstream.js';

/** All that the stories of connecting ask of the world. */
export interface ConnectPorts {
  readonly stores: Omit<Stores, 'ping' | 'close'>;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly upstream: Pick<Upstream, 'ask'>;
  readonly caches: Pick<PrivateCaches, 'purge'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly peers: Peers;
  readonly digest: Digest;
  readonly journal: Journal;
  readonly audit: Audit;
  readonly meter: Pick<Meter, 'refreshed'>;
  /** What one viewer may have at the same time, where it is not the usual. */
  readonly limits?: ViewerLimits;
  /** Where the connect pages live; every redirect URI begins with it. */
  readonly siteOrigin: string;
}

/** The nonces of flows that one browser carries, as its cookies tell. */
export interface FlowNonces {
  of(flow: string): Secret | null;
  all(): readonly Secret[];
}

/** Each provider has a redirect URI of its own, so that an answer cannot be taken for another's (RFC 9700 §4.4.2). */
export const redirectUriOf = (siteOrigin: string, provider: string): string =>
  `${siteOrigin}/connect/callback/${provider}`;
