import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenSet } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Authorizer } from '../../src/providers/authorizer.js';
import { Discovery } from '../../src/providers/discovery.js';
import { type AccountRequest, originsOf } from '../../src/providers/provider.js';
import type { TokenOutcome } from '../../src/providers/token-outcome.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { neverMisplaced } from '../support/misplaced.js';
import { type OidcServer, startOidc } from '../support/oidc.js';
import { TestClock } from '../support/test-clock.js';

const redirectUri = 'https://oriel.example/connect/callback/oidc';
const clock = new TestClock('runs');
const oauth = new Authorizer({ clock, guards: new AddressGuards() });
const random = () => new Secret(randomBytes(32).toString('base64url'));

let basic: OidcServer;
let body: OidcServer;
beforeAll(async () => {
  basic = await startOidc({ redirectUris: [redirectUri] });
  body = await startOidc({ redirectUris: [redirectUri], clientAuthentication: 'body' });
});
afterAll(async () => {
  await basic.close();
  await body.close();
});

const tokensOf = (outcome: TokenOutcome): TokenSet => {
  if (outcome.kind !== 'tokens') throw new Error(`no tokens but ${JSON.stringify(outcome)}`);
  return outcome.tokens;
};

/** Goes to the server as Alice, and comes back with a code. */
const consented = async (server: OidcServer) => {
  const [state, verifier] = [random(), random()];
  const request = { state, redirectUri, verifier, scopes: ['openid', 'profile'], selectAccount: false };
  const url = oauth.authorizationUrl(server.provider(), server.client, request);
  const callback = await server.consent(url, 'alice');
  return { state, verifier, callback, code: new Secret(callback.searchParams.get('code') ?? '') };
};

const connected = async (server: OidcServer): Promise<TokenSet> => {
  const { code, verifier } = await consented(server);
  return tokensOf(await oauth.redeem(server.provider(), server.client, { code, redirectUri, verifier }));
};

const whoAmI = async (server: OidcServer, { accessToken }: TokenSet) => {
  const headers = { authorization: `Bearer ${accessToken.reveal()}` };
  const response = await fetch(`${server.issuer}/me`, { headers });
  return response.ok ? ((await response.json()) as { sub: string }).sub : response.status;
};

describe('the code flow at a certified server', () => {
  it.each(['basic', 'body'] as const)('ends with tokens of the one who consented (%s)', async (how) => {
    const server = how === 'basic' ? basic : body;
    const { state, callback, code, verifier } = await consented(server);
    expect(callback.searchParams.get('state')).toBe(state.reveal());
    expect(callback.searchParams.get('iss')).toBe(server.issuer);
    const before = Date.now();
    const tokens = tokensOf(
      await oauth.redeem(server.provider(), server.client, { code, redirectUri, verifier }),
    );
    expect(await whoAmI(server, tokens)).toBe('alice');
    expect(tokens.refreshToken).not.toBeNull();
    expect(tokens.scopes).toEqual(['openid', 'profile']);
    expect(tokens.expiresAt).toBe(tokens.issuedAt + 600_000);
    expect(tokens.issuedAt).toBeGreaterThanOrEqual(before);
  });

  it('brings a refusal back as an error with state', async () => {
    const state = random();
    const request = { state, redirectUri, verifier: random(), scopes: ['openid'], selectAccount: true };
    const url = oauth.authorizationUrl(basic.provider(), basic.client, request);
    expect(new URL(url).searchParams.get('prompt')).toBe('login');
    const { searchParams } = await basic.consent(url, null);
    expect(searchParams.get('error')).toBe('access_denied');
    expect(searchParams.get('state')).toBe(state.reveal());
  });

  it('does not work with another verifier, or none (RFC 7636 §4.6)', async () => {
    for (const verifier of [random(), null]) {
      const { code } = await consented(basic);
      const outcome = await oauth.redeem(basic.provider(), basic.client, { code, redirectUri, verifier });
      expect(outcome).toEqual({ kind: 'invalid-grant', code: 'invalid_grant' });
    }
  });

  it('does not work from another redirect URI (RFC 6749 §4.1.3)', async () => {
    const { code, verifier } = await consented(basic);
    const grant = { code, verifier, redirectUri: `${redirectUri}/other` };
    expect(await oauth.redeem(basic.provider(), basic.client, grant)).toMatchObject({
      kind: 'invalid-grant',
    });
  });

  it('spends a code once; the second try ends the grant (RFC 6749 §4.1.2)', async () => {
    const { code, verifier } = await consented(basic);
    const redeem = () => oauth.redeem(basic.provider(), basic.client, { code, redirectUri, verifier });
    const tokens = tokensOf(await redeem());
    expect(await redeem()).toMatchObject({ kind: 'invalid-grant' });
    expect(await whoAmI(basic, tokens)).toBe(401);
  });

  it('distinguishes a wrong client secret from a dead grant', async () => {
    const { code, verifier } = await consented(basic);
    const wrong = { id: 'oriel', secret: new Secret('wrong') };
    expect(await oauth.redeem(basic.provider(), wrong, { code, redirectUri, verifier })).toEqual({
      kind: 'invalid-client',
      code: 'invalid_client',
    });
  });
});

describe('a provider known by its issuer alone', () => {
  it('is completed, connected to, and says whose account it is', async () => {
    const { revocation: _, account: __, pkce: ___, ...written } = basic.provider();
    const { authorizationEndpoint: _a, tokenEndpoint: _t, ...draft } = written;
    const found = await new Discovery(new AddressGuards()).complete({
      kind: 'discover',
      issuer: basic.issuer,
      draft,
    });
    if ('failure' in found) throw new Error(found.failure);
    const server = { ...basic, provider: () => found };
    const { accessToken } = await connected(server);
    const upstream = new Upstream({
      journal: { warn: () => {} },
      clock,
      meter: { called: () => {}, answered: () => {} },
      misplaced: neverMisplaced,
      maxStaleMs: () => 0,
      userAgent: 'test',
    });
    const { target, format } = found.account as AccountRequest;
    const answer = await upstream.ask(
      found,
      { token: accessToken, origins: originsOf(found) },
      { target, format: format === 'jwt' ? 'text' : format },
    );
    expect(answer).toMatchObject({ kind: 'data', data: { sub: 'alice', preferred_username: 'alice' } });
    await upstream.close();
  });
});

describe('refreshing and revoking at a certified server', () => {
  it('replaces both tokens, and using the old refresh token ends the grant (RFC 9700 §4.14.2)', async () => {
    const first = await connected(basic);
    const refresh = (tokens: TokenSet) => oauth.refresh(basic.provider(), basic.client, tokens, redirectUri);
    const second = tokensOf(await refresh(first));
    expect(second.refreshToken?.reveal()).not.toBe(first.refreshToken?.reveal());
    expect(await whoAmI(basic, second)).toBe('alice');
    expect(await refresh(first)).toEqual({ kind: 'invalid-grant', code: 'invalid_grant' });
    expect(await refresh(second)).toMatchObject({ kind: 'invalid-grant' });
  });

  it('revokes the refresh token first, then the access token, and takes empty answers for success', async () => {
    const tokens = await connected(basic);
    expect(await oauth.revoke(basic.provider(), basic.client, tokens)).toBe('revoked');
    expect(await whoAmI(basic, tokens)).toBe(401);
    expect(await oauth.refresh(basic.provider(), basic.client, tokens, redirectUri)).toMatchObject({
      kind: 'invalid-grant',
    });
    expect(await oauth.revoke(basic.provider(), basic.client, tokens)).toBe('revoked');
    expect(basic.requests.filter((request) => request === 'POST /token/revocation')).toHaveLength(4);
  });

  it('cannot revoke with another client', async () => {
    const tokens = await connected(basic);
    const wrong = { id: 'oriel', secret: new Secret('wrong') };
    expect(await oauth.revoke(basic.provider(), wrong, tokens)).toBe('failed');
    expect(await whoAmI(basic, tokens)).toBe('alice');
  });
});
