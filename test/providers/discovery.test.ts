import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Discovery } from '../../src/providers/discovery.js';
import type { ProviderDraft } from '../../src/providers/provider.js';
import { type OidcServer, startOidc } from '../support/oidc.js';
import { type StubServer, says, stubServer } from '../upstream/stub-server.js';

type Draft = Extract<ProviderDraft, { kind: 'discover' }>;

const discovery = new Discovery(new AddressGuards());
let oidc: OidcServer;
let stub: StubServer;
beforeAll(async () => {
  oidc = await startOidc({ redirectUris: ['https://oriel.example/cb'] });
  stub = await stubServer();
});
afterAll(async () => {
  await oidc.close();
  await stub.close();
});

/** What the administrator wrote: an issuer, and the fields that no metadata can supply. */
const draftOf = (issuer: string, given: Partial<Draft['draft']> = {}): Draft => {
  const {
    issRequired: _i,
    authorizationEndpoint: _a,
    tokenEndpoint: _t,
    revocation: _r,
    clientAuthentication: _c,
    pkce: _p,
    account: _u,
    ...rest
  } = oidc.provider();
  return { kind: 'discover', issuer, draft: { ...rest, issuer, ...given } };
};

const metadata = (changes: Readonly<Record<string, unknown>> = {}) => ({
  issuer: stub.origin,
  authorization_endpoint: 'https://as.example/authorize',
  token_endpoint: 'https://as.example/token',
  ...changes,
});

const found = async (changes: Readonly<Record<string, unknown>>) => {
  stub.answers(says(200, JSON.stringify(metadata(changes))));
  return discovery.complete(draftOf(stub.origin));
};

describe('discovery by issuer', () => {
  it('completes a provider from a certified server’s metadata', async () => {
    const provider = oidc.provider();
    expect(await discovery.complete(draftOf(oidc.issuer))).toEqual({
      ...provider,
      jwks: `${oidc.issuer}/jwks`,
      account: {
        target: `${oidc.issuer}/me`,
        format: 'json',
        id: 'sub',
        label: 'preferred_username,email,name,sub',
      },
    });
  });

  it('asks for no account where the scope openid is missing, since userinfo would refuse', async () => {
    expect(await discovery.complete(draftOf(oidc.issuer, { scopes: ['profile'] }))).toMatchObject({
      account: 'none',
    });
  });

  it('finds the account in the id token where there is no userinfo, and its keys are published', async () => {
    const asked = (changes: object) => {
      stub.answers(says(200, JSON.stringify(metadata({ userinfo_endpoint: null, ...changes }))));
      return discovery.complete(draftOf(stub.origin, { scopes: ['openid'] }));
    };
    expect(await asked({ jwks_uri: `${stub.origin}/keys` })).toMatchObject({
      account: { from: 'id-token', id: 'sub' },
      jwks: `${stub.origin}/keys`,
    });
    expect(await asked({})).toMatchObject({ account: 'none' });
    expect(await asked({ jwks_uri: 'http://as.example/keys' })).toMatchObject({ account: 'none' });
  });

  it('prefers what the administrator wrote', async () => {
    const written = { tokenEndpoint: 'https://as.example/own', pkce: 'none', account: 'none' } as const;
    expect(await discovery.complete(draftOf(oidc.issuer, written))).toMatchObject(written);
  });

  it('asks the metadata only for what was not written', async () => {
    const broken = { token_endpoint: null, userinfo_endpoint: 7, token_endpoint_auth_methods_supported: [] };
    stub.answers(says(200, JSON.stringify(metadata(broken))));
    const tokenEndpoint = 'https://as.example/own';
    const written = { tokenEndpoint, clientAuthentication: 'body', account: 'none' } as const;
    expect(await discovery.complete(draftOf(stub.origin, written))).toMatchObject(written);
  });

  it.each([
    ['S256', undefined],
    ['S256', ['plain', 'S256']],
    ['none', ['plain']],
    ['S256', 'plain'],
  ])('sends PKCE as %s where the server lists %j', async (pkce, methods) => {
    expect(await found({ code_challenge_methods_supported: methods })).toMatchObject({ pkce });
  });

  it('requires `iss` and revokes only where the metadata promises it (RFC 9207 §3, RFC 8414 §2)', async () => {
    expect(await found({})).toMatchObject({ issRequired: false, revocation: { kind: 'none' } });
    const promised = {
      authorization_response_iss_parameter_supported: true,
      revocation_endpoint: 'https://as.example/revoke',
    };
    const revocation = { kind: 'rfc7009', endpoint: promised.revocation_endpoint };
    expect(await found(promised)).toMatchObject({ issRequired: true, revocation });
  });

  it.each(['', ' ', null, false, [], {}])(
    'counts what is written without a value as left out: %j',
    async (nothing) => {
      const empty = {
        revocation_endpoint: nothing,
        userinfo_endpoint: nothing,
        token_endpoint_auth_methods_supported: nothing,
        code_challenge_methods_supported: nothing,
      };
      stub.answers(says(200, `\ufeff${JSON.stringify(metadata(empty))}`, { 'content-type': 'text/plain' }));
      expect(await discovery.complete(draftOf(stub.origin, { scopes: ['openid'] }))).toMatchObject({
        revocation: { kind: 'none' },
        account: 'none',
        clientAuthentication: 'basic',
        pkce: 'S256',
      });
    },
  );

  it('looks before and behind the issuer’s path (RFC 8414 §3.1)', async () => {
    const issuer = `${stub.origin}/tenant/1`;
    stub.requests.length = 0;
    stub.answers((request, response) => {
      const isOpenId = request.url === '/tenant/1/.well-known/openid-configuration';
      says(isOpenId ? 200 : 404, JSON.stringify(metadata({ issuer })))(request, response);
    });
    expect(await discovery.complete(draftOf(issuer))).toMatchObject({
      tokenEndpoint: 'https://as.example/token',
    });
    expect(stub.requests[0]?.url).toBe('/.well-known/oauth-authorization-server/tenant/1');
  });

  it.each([
    ['basic', undefined],
    ['basic', ['client_secret_post', 'client_secret_basic']],
    ['body', ['client_secret_post', 'private_key_jwt']],
  ])('authenticates by %s where the server offers %o', async (clientAuthentication, methods) => {
    expect(await found({ token_endpoint_auth_methods_supported: methods })).toMatchObject({
      clientAuthentication,
    });
  });

  it.each([
    ['another issuer', { issuer: 'https://evil.example' }, 'another issuer'],
    ['no token endpoint', { token_endpoint: null }, 'names no token_endpoint'],
    ['a token endpoint in clear', { token_endpoint: 'http://as.example/token' }, 'no https URL'],
    ['a script for an endpoint', { authorization_endpoint: 'javascript:alert(1)' }, 'no https URL'],
    [
      'no way to authenticate',
      { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
      'client secret',
    ],
  ])('refuses metadata with %s', async (_, changes, failure) => {
    expect(await found(changes)).toEqual({ failure: expect.stringContaining(failure) });
  });

  it('treats an issuer with an additional slash as another one', async () => {
    expect(await found({ issuer: `${stub.origin}/` })).toEqual({
      failure: expect.stringContaining('another issuer'),
    });
  });

  it.each([
    ['a page', says(200, '<html>'), 'not JSON'],
    ['a list', says(200, '[]'), 'not a JSON object'],
    ['an error', says(503, '{}'), 'answers 503'],
    ['a redirect', says(302, '', { location: 'https://evil.example/' }), 'answers 302'],
    ['far too much', says(200, `{"a":"${'x'.repeat(300_000)}"}`), 'cannot be reached'],
  ])('says so when the server answers with %s', async (_, answering, failure) => {
    stub.answers(answering);
    expect(await discovery.complete(draftOf(stub.origin))).toEqual({
      failure: expect.stringContaining(failure),
    });
  });

  it('gives up on a server that does not answer', async () => {
    stub.answers(() => undefined);
    const outcome = await new Discovery(new AddressGuards(), 100).complete(draftOf(stub.origin));
    expect(outcome).toEqual({ failure: expect.stringContaining('no answer in time') });
  });

  it('does not call an address that the record does not allow', async () => {
    stub.requests.length = 0;
    const outcome = await discovery.complete(draftOf(stub.origin, { allowAddresses: [] }));
    expect(outcome).toEqual({ failure: expect.stringContaining('may not be called') });
    const named = stub.origin.replace('127.0.0.1', 'localhost');
    expect(await discovery.complete(draftOf(named, { allowAddresses: [] }))).toEqual({
      failure: expect.stringContaining('ADDRESS_REFUSED'),
    });
    expect(stub.requests).toHaveLength(0);
  });
});
