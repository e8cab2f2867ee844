import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenIdProvider } from '../../src/admin/people/openid-client.js';
import { AddressGuards, guard } from '../../src/net/address-guard.js';
import { jwksFetcher } from '../../src/net/guarded-fetch.js';
import { USER_AGENT } from '../../src/net/user-agent.js';
import { Discovery } from '../../src/providers/discovery.js';
import { Probe } from '../../src/providers/probe.js';
import { Metrics } from '../../src/server/metrics.js';
import { systemClock } from '../../src/server/node-system.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { as, client, grant, oauthClient, redirectUri, tokens } from '../providers/as-example.js';
import { neverMisplaced } from '../support/misplaced.js';
import { type StubServer, says, stubServer } from '../upstream/stub-server.js';

let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer(says(200, '{"access_token":"a","token_type":"bearer","keys":[],"id":7}'));
});
afterAll(() => stub.close());

it('Every request that we make says who asks: some servers refuse those that do not', async () => {
  const { origin } = stub;
  const oauth = oauthClient();
  const upstream = new Upstream({
    clock: systemClock,
    journal: { warn: () => undefined },
    meter: new Metrics(systemClock.now),
    misplaced: neverMisplaced,
    maxStaleMs: () => 0,
    userAgent: USER_AGENT,
  });
  const fetchJwks = jwksFetcher(() => guard(['127.0.0.0/8']));
  const provider = as({
    tokenEndpoint: `${origin}/token`,
    revocation: { kind: 'rfc7009', endpoint: `${origin}/revoke` },
    api: origin,
    allowAddresses: ['127.0.0.0/8'],
  });
  const looks = new Probe(new AddressGuards());
  const form = { form: {}, client, authentication: 'basic' } as const;
  const requests: Readonly<Record<string, () => Promise<unknown>>> = {
    redeem: () => oauth.redeem(provider, client, grant),
    refresh: () => oauth.refresh(provider, client, tokens(), redirectUri),
    revoke: () => oauth.revoke(provider, client, tokens()),
    metadata: () =>
      new Discovery(new AddressGuards()).complete({ kind: 'discover', issuer: origin, draft: provider }),
    'the dry run’s metadata': () => looks.metadata(origin, provider),
    'the dry run’s page': () => looks.page(`${origin}/authorize`, provider),
    'the dry run’s form': () => looks.post(`${origin}/token`, form, provider),
    account: () =>
      upstream.ask(provider, { token: grant.code, origins: [origin] }, { target: '/me', format: 'json' }),
    'a host’s keys': () => fetchJwks(`${origin}/jwks`),
    'administrators’ sign-in': () =>
      new OpenIdProvider(
        {
          issuer: origin,
          name: 'Login',
          client,
          scopes: ['openid'],
          allow: { subjects: [], emails: [], domains: [] } as never,
          redirectUri,
        },
        { clock: systemClock, guard: () => guard(['127.0.0.0/8']) },
      )
        .startSignIn(false)
        .catch(() => null),
  };
  for (const [name, ask] of Object.entries(requests)) {
    stub.requests.length = 0;
    await ask();
    expect(stub.requests.length, name).toBeGreaterThan(0);
    for (const { headers } of stub.requests)
      expect(headers['user-agent'], name).toMatch(/Oriel|openid-client/);
  }
  await upstream.close();
});
