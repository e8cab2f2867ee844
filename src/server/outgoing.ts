import { OpenIdProvider } from '../admin/people/openid-client.js';
import type { Config } from '../config/config.js';
import { allowedForKeys, allowedForSignIn } from '../config/outgoing-bound.js';
import type { IdentityProvider } from '../domain/administrator-sign-in.js';
import type { Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Clock, Journal } from '../domain/system.js';
import { type AddressGuard, AddressGuards, guard, type Network } from '../net/address-guard.js';
import { type JwksFetch, jwksFetcher } from '../net/guarded-fetch.js';
import { USER_AGENT } from '../net/user-agent.js';
import { Authorizer } from '../providers/authorizer.js';
import { Discovery } from '../providers/discovery.js';
import { IdTokens } from '../providers/id-tokens.js';
import { Probe } from '../providers/probe.js';
import type { ConnectionCaches } from '../upstream/cache.js';
import { Upstream } from '../upstream/upstream.js';
import { type Limits, limitsFor } from './limits.js';

/** The clients through which we call other servers, each behind the guard that its records allow. */
export class Outgoing {
  readonly authorizer: Authorizer;
  readonly idTokens: IdTokens;
  readonly upstream: Upstream;
  readonly caches: ConnectionCaches;
  readonly discovery: Discovery;
  readonly probe: Probe;
  readonly fetchJwks: JwksFetch;
  /** Where administrators sign in by OpenID Connect; null where they do not. */
  readonly identityProvider: IdentityProvider | null;

  /** `settings` gives the settings in force. */
  constructor(
    settings: () => Config,
    deps: {
      readonly clock: Clock;
      readonly journal: Pick<Journal, 'warn'>;
      readonly meter: Pick<Meter, 'called' | 'answered'>;
      readonly misplaced: ReportMisplaced;
    },
    limits: Pick<Limits, 'caches' | 'sockets' | 'reading' | 'records'> = limitsFor(0),
  ) {
    const { clock, journal, meter, misplaced } = deps;
    const { admin, siteOrigin } = settings();
    // The same object for as long as the settings are: what is made of it is remembered.
    let latest: { readonly of: Config; readonly network: Network } | null = null;
    const network = (): Network => {
      const now = settings();
      if (latest?.of === now) return latest.network;
      latest = { of: now, network: { bound: now.outgoing.allow, proxy: now.outgoingProxy } };
      return latest.network;
    };
    // Its own range is the bound of what the file itself names.
    const guardWithin = (allow: readonly string[]): AddressGuard =>
      guard(allow, [], { bound: allow, proxy: settings().outgoingProxy });
    const guards = new AddressGuards(network, limits.records);
    this.upstream = new Upstream({
      ...{ guards, clock, journal, meter, misplaced },
      limits: limits.caches,
      sockets: limits.sockets,
      reading: limits.reading,
      connectors: limits.records,
      maxStaleMs: () => settings().maxStale * 1000,
      userAgent: USER_AGENT,
    });
    this.caches = this.upstream.caches;
    this.authorizer = new Authorizer({ clock, guards, journal });
    this.idTokens = new IdTokens(guards, clock);
    this.discovery = new Discovery(guards);
    this.probe = new Probe(guards);
    this.fetchJwks = jwksFetcher((url) => guardWithin(allowedForKeys(url, settings())));
    this.identityProvider =
      admin.oidc &&
      new OpenIdProvider(
        { ...admin.oidc, redirectUri: `${siteOrigin}/admin/oidc/callback` },
        { clock, guard: () => guardWithin(allowedForSignIn(settings().outgoing)) },
      );
  }

  close(): Promise<void> {
    return this.upstream.close();
  }
}
