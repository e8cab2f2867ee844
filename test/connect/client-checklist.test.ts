/*
 * The 33 scenarios `auth/*` for clients of @modelcontextprotocol/conformance 0.2.0-alpha.12, read as a checklist for an OAuth client that is not an
 * MCP client: docs/security.md, “A checklist from elsewhere”, says which test of ours each one comes to, or why it does not apply. What no other
 * file tests is here.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Discovery } from '../../src/providers/discovery.js';
import type { Provider } from '../../src/providers/provider.js';
import { behindStub } from '../upstream/behind-stub.js';
import { accessOf, providerAt, requestTo } from '../upstream/setting.js';
import { type StubServer, says, stubServer } from '../upstream/stub-server.js';
import { Browser, type ConnectSetup, providerNamed, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

describe('The issuer that an answer names', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  const answered = async (record: Partial<Provider>, extra: Readonly<Record<string, string>>) => {
    setup.declared.declare(providerNamed('github', record));
    const steps = stepsOf(setup);
    const browser = new Browser();
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, code: 'code-of-ada', ...extra });
    const flow = await setup.stores.flows.byId(id);
    return flow?.failure?.code ?? flow?.status;
  };
  const issuer = 'https://as.example/tenant';

  it.each([
    ['a slash at its end', `${issuer}/`],
    ['its port', 'https://as.example:443/tenant'],
    ['letters that are encoded', 'https://as.example/ten%61nt'],
    ['a dot on the way', 'https://as.example/./tenant'],
    ['another scheme', 'http://as.example/tenant'],
    ['an empty query', `${issuer}?`],
    ['a space', `${issuer} `],
  ])('is compared character by character, not as URLs are: %s (iss-normalized)', async (_, iss) => {
    expect(await answered({ issuer, issRequired: true }, { iss })).toBe('issuer_mismatch');
    expect(setup.server.asked('redeem')).toBe(0);
  });

  it('is compared where the server never promised one (iss-unexpected, iss-wrong-issuer)', async () => {
    const record = { issuer, issRequired: false };
    expect(await answered(record, { iss: 'https://evil.example' })).toBe('issuer_mismatch');
    expect(setup.server.asked('redeem')).toBe(0);
    expect(await answered(record, { iss: issuer })).toBe('pending');
  });

  it('may be left out where the server never promised one (iss-not-advertised)', async () => {
    expect(await answered({ issuer, issRequired: false }, {})).toBe('pending');
  });
});

describe('Metadata of an authorization server', () => {
  let stub: StubServer;
  beforeEach(async () => {
    stub = await stubServer();
  });
  afterEach(() => stub.close());

  const completed = async (more: Readonly<Record<string, unknown>>, scopes: readonly string[] = ['read']) => {
    const { issuer: _i, authorizationEndpoint: _a, tokenEndpoint: _t, ...rest } = providerNamed('github');
    const { clientAuthentication: _c, account: _u, ...draft } = rest;
    stub.answers(
      says(
        200,
        JSON.stringify({
          issuer: stub.origin,
          authorization_endpoint: 'https://as.example/authorize',
          token_endpoint: 'https://as.example/token',
          ...more,
        }),
      ),
    );
    const allowed = { allowAddresses: ['127.0.0.0/8'], issuer: stub.origin, scopes };
    return new Discovery(new AddressGuards()).complete({
      ...{ kind: 'discover', issuer: stub.origin },
      draft: { ...draft, ...allowed },
    });
  };

  it('adds no scope to those of the record, whatever it supports (offline-access-scope, scope-from-scopes-supported)', async () => {
    const supported = { scopes_supported: ['openid', 'offline_access', 'admin'] };
    expect(await completed(supported)).toMatchObject({ scopes: ['read'] });
    expect(await completed(supported, [])).toMatchObject({ scopes: [] });
    expect(await completed({ scopes_supported: ['openid'] }, ['read', 'offline_access'])).toMatchObject({
      scopes: ['read', 'offline_access'],
    });
  });

  it('of a server that knows public clients alone is refused, for each client of ours has a secret (token-endpoint-auth-none)', async () => {
    expect(await completed({ token_endpoint_auth_methods_supported: ['none'] })).toEqual({
      failure: expect.stringContaining('client secret'),
    });
  });
});

describe('What an API says of authorization', () => {
  const fixture = behindStub();
  let elsewhere: StubServer;
  beforeEach(async () => {
    elsewhere = await stubServer(says(200, '{}'));
  });
  afterEach(() => elsewhere.close());

  it.each([401, 403])(
    'leads nowhere: no document that a %d names is read (metadata-*, resource-mismatch, authorization-server-migration)',
    async (status) => {
      const named = `Bearer resource_metadata="${elsewhere.origin}/prm", authorization_uri="${elsewhere.origin}/as", scope="admin"`;
      const link = `<${elsewhere.origin}/as>; rel="oauth2-authorize"`;
      fixture.stub.answers(says(status, '{}', { 'www-authenticate': named, link }));
      const request = requestTo(providerAt(fixture.stub.origin, {}), { ttl: 0 });
      const { kind } = await fixture.opened.upstream.get(accessOf('alice'), request);
      expect(kind).not.toBe('data');
      expect(elsewhere.requests).toEqual([]);
    },
  );

  it('is not asked again because it wants more scopes: the person is, once they press (scope-retry-limit)', async () => {
    const wants = says(403, '{}', { 'www-authenticate': 'Bearer error="insufficient_scope", scope="admin"' });
    fixture.stub.answers(wants);
    const before = fixture.stub.requests.length;
    const request = requestTo(providerAt(fixture.stub.origin, {}), { ttl: 0 });
    const { kind } = await fixture.opened.upstream.get(accessOf('alice'), request);
    expect(kind).toBe('insufficient-scope');
    expect(fixture.stub.requests.length - before).toBe(1);
  });
});
