import type { Directory } from '../config/directory.js';
import type { Audit } from '../domain/audit-event.js';
import type { Meter } from '../domain/meter.js';
import type { Secret } from '../domain/secret.js';
import type { Clock, Digest, Entropy, Journal, Peers } from '../domain/system.js';
import type { Authorizer } from '../providers/authorizer.js';
import type { IdTokens } from '../providers/id-tokens.js';
import type { Stores } from '../store/stores.js';
import type { ViewerLimits } from '../store/viewer-limits.js';
import type { ConnectionCaches } from '../upstream/cache.js';
import type { Upstream } from '../upstream/upstream.js';
import type { ObservedIssuers } from './consent/observed-issuers.js';
import type { WatchedLeases } from './leases.js';

/** Everything that connecting is given by the server. A use case names what it takes of it, by `Deps`. */
export interface ConnectDeps {
  readonly stores: Omit<Stores, 'ping' | 'close'>;
  readonly directory: Directory;
  readonly authorizer: Pick<
    Authorizer,
    'authorizationUrl' | 'grantToClient' | 'redeem' | 'refresh' | 'revoke'
  >;
  readonly idTokens: Pick<IdTokens, 'verify'>;
  readonly upstream: Pick<Upstream, 'ask'>;
  readonly caches: Pick<ConnectionCaches, 'purge'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly peers: Peers;
  /** One for the whole process, which remembers what it has seen. */
  readonly leases: WatchedLeases;
  readonly digest: Digest;
  readonly journal: Journal;
  readonly audit: Audit;
  readonly meter: Pick<Meter, 'refreshed' | 'renewed'>;
  readonly observedIssuers: Pick<ObservedIssuers, 'note'>;
  /** What one viewer may have at the same time, where it is not the usual. */
  readonly limits?: ViewerLimits;
  /** Where the connect pages live; every redirect URI starts with it. */
  readonly siteOrigin: string;
}

/** Some of the services, and some of the stores. */
export type Deps<
  Services extends Exclude<keyof ConnectDeps, 'stores'>,
  Used extends keyof ConnectDeps['stores'] = never,
> = Pick<ConnectDeps, Services> &
  ([Used] extends [never] ? unknown : { readonly stores: Pick<ConnectDeps['stores'], Used> });

/** The nonces of flows that one browser carries in its cookies. */
export interface FlowNonces {
  of(flow: string): Secret | null;
  all(): readonly Secret[];
}

/** Each provider has a redirect URI of its own, so that an answer cannot be taken for another's (RFC 9700 §4.4.2). */
export const redirectUriOf = (siteOrigin: string, provider: string): string =>
  `${siteOrigin}/connect/callback/${provider}`;
