import { OpenIdProvider } from '../admin/people/openid-client.js';
import type { Config } from '../config/config.js';
import { allowedForKeys, allowedForSignIn } from '../config/outgoing-bound.js';
import type { IdentityProvider } from '../domain/administrator-sign-in.js';
import type { Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Clock, Journal } from '../domain/system.js';
import { type AddressGuard, guard, guards, type Network } from '../net/address-guard.js';
import { type JwksFetch, jwksFetcher } from '../net/guarded-fetch.js';
import { USER_AGENT } from '../net/user-agent.js';
import { authorizer } from '../providers/authorizer.js';
import { discovery } from '../providers/discovery.js';
import { type Probe, probe } from '../providers/probe.js';
import type { Authorizer, TokenJudge } from '../providers/token-outcome.js';
import type { PrivateCaches } from '../upstream/cache.js';
import { Upstream } from '../upstream/upstream.js';
import { type Limits, limitsFor } from './limits.js';
import type { Discover } from './served-directory.js';

/** The adapters through which we call other servers. */
export interface Outgoing {
  readonly authorizer: Authorizer & TokenJudge;
  readonly upstream: Upstream;
  readonly caches: PrivateCaches;
  readonly discover: Discover;
  readonly probe: Probe;
  readonly fetchJwks: JwksFetch;
  /** Where administrators sign in by OpenID Connect; null where they do not. */
  readonly identityProvider: IdentityProvider | null;
  close(): Promise<void>;
}

/** Makes the adapters, each behind the guard that its records allow. `settings` gives the settings in force. */
export const outgoing = (
  settings: () => Config,
  {
    clock,
    journal,
    meter,
    misplaced,
  }: {
    readonly clock: Clock;
    readonly journal: Pick<Journal, 'warn'>;
    readonly meter: Pick<Meter, 'called'>;
    readonly misplaced: ReportMisplaced;
  },
  limits: Pick<Limits, 'caches' | 'sockets' | 'reading' | 'records'> = limitsFor(0),
): Outgoing => {
  const config = settings();
  const network = (): Network => {
    const { outgoing, outgoingProxy } = settings();
    return { bound: outgoing.allow, proxy: outgoingProxy };
  };
  // Its own range is the bound of what the file itself names.
  const guardWithin = (allow: readonly string[]): AddressGuard =>
    guard(allow, [], { bound: allow, proxy: settings().outgoingProxy });
  const guardFor = guards(network, limits.records);
  const upstream = new Upstream({
    guardFor,
    clock,
    journal,
    meter,
    misplaced,
    limits: limits.caches,
    sockets: limits.sockets,
    reading: limits.reading,
    connectors: limits.records,
    maxStaleMs: () => settings().maxStale * 1000,
    userAgent: USER_AGENT,
  });
  return {
    authorizer: authorizer({ clock, guardFor, journal }),
    upstream,
    caches: upstream.caches,
    discover: discovery(guardFor),
    probe: probe(guardFor),
    fetchJwks: jwksFetcher((url) => guardWithin(allowedForKeys(url, settings()))),
    identityProvider:
      config.admin.oidc &&
      new OpenIdProvider(
        { ...config.admin.oidc, redirectUri: `${config.siteOrigin}/admin/oidc/callback` },
        { clock, guard: () => guardWithin(allowedForSignIn(settings().outgoing)) },
      ),
    close: () => upstream.close(),
  };
};
