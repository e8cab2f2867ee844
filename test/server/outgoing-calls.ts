import type { Config } from '../../src/config/config.js';
import { Secret } from '../../src/domain/secret.js';
import type { Provider } from '../../src/providers/provider.js';
import { Metrics } from '../../src/server/metrics.js';
import { systemClock } from '../../src/server/node-system.js';
import { Outgoing } from '../../src/server/outgoing.js';
import { neverMisplaced } from '../support/misplaced.js';
import { accessOf, requestTo } from '../upstream/setting.js';

// Not those of other tests, which bring nock: it takes no agent that waits for a proxy.
const client = { id: 'oriel', secret: new Secret('client-secret') };
const redirectUri = 'https://oriel.example/connect/callback/as';
const grant = { code: new Secret('the-code'), redirectUri, verifier: null };
const tokens = {
  accessToken: new Secret('old-access'),
  refreshToken: new Secret('old-refresh'),
  issuedAt: 0,
  expiresAt: 1,
  scopes: null,
};

/** Every way in which this server calls another, each by its name; what comes of a call is returned as text. */
export const everyOutgoingCall = (settings: () => Config, provider: Provider) => {
  const clients = new Outgoing(settings, {
    clock: systemClock,
    journal: { warn: () => undefined },
    meter: new Metrics(systemClock.now),
    misplaced: neverMisplaced,
  });
  const { origin } = new URL(provider.api);
  const form = { form: {}, client, authentication: 'basic' } as const;
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    'the API': () => clients.upstream.get(accessOf('ada'), requestTo(provider, { ttl: 0 })),
    'whose account': () =>
      clients.upstream.ask(
        provider,
        { token: grant.code, origins: [origin] },
        { target: '/me', format: 'json' },
      ),
    redeem: () => clients.authorizer.redeem(provider, client, grant),
    refresh: () => clients.authorizer.refresh(provider, client, tokens, redirectUri),
    revoke: () => clients.authorizer.revoke(provider, client, tokens),
    metadata: () => clients.discovery.complete({ kind: 'discover', issuer: origin, draft: provider }),
    'the dry run’s channel': () => clients.probe.channel(origin, provider),
    'the dry run’s page': () => clients.probe.page(`${origin}/authorize`, provider),
    'the dry run’s form': () => clients.probe.post(`${origin}/token`, form, provider),
    'the dry run’s metadata': () => clients.probe.metadata(origin, provider),
    'a host’s keys': () => clients.fetchJwks(`${origin}/jwks`),
    'administrators’ sign-in': async () => clients.identityProvider?.startSignIn(false),
  };
  const more: typeof calls = {
    ...calls,
    'the API of another': () => clients.upstream.get(accessOf('bob'), requestTo(provider, { ttl: 0 })),
  };
  return {
    names: Object.keys(calls),
    call: (name: string): Promise<string> =>
      (more[name]?.() ?? Promise.reject(new Error(name))).then(
        (found) => JSON.stringify(found) ?? '',
        (error: unknown) => JSON.stringify({ ...(error as object), message: String(error) }),
      ),
    close: () => clients.close(),
  };
};
