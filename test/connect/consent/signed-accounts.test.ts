import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findAccount } from '../../../src/connect/consent/read-grant.js';
import { Secret } from '../../../src/domain/secret.js';
import { AddressGuards } from '../../../src/net/address-guard.js';
import { Authorizer, nonceOf } from '../../../src/providers/authorizer.js';
import { IdTokens } from '../../../src/providers/id-tokens.js';
import { originsOf, type Provider } from '../../../src/providers/provider.js';
import { type OidcServer, startOidc } from '../../support/oidc.js';
import { NOW, TestClock } from '../../support/test-clock.js';
import { openUpstream, providerAt } from '../../upstream/setting.js';

const ISSUER = 'https://login.example';
const NONCE = 'the-nonce';
const client = { id: 'oriel' };
const signer = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const ours = signer();
const theirs = signer();
const jwkOf = ({ publicKey }: typeof ours, kid: string) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...{ kid, alg: 'ES256', use: 'sig' },
});

const good = (): JWTPayload => ({
  ...{ iss: ISSUER, aud: 'oriel', sub: 'ada', email: 'ada@example.com', nonce: NONCE, callbackValues: {} },
  ...{ iat: NOW / 1000, exp: NOW / 1000 + 300 },
});

const signed = (claims: JWTPayload, by = ours, header: object = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(by.privateKey);

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('An account that a signed token names', () => {
  let server: Server;
  let here: string;
  let keys: object[] = [];
  let asked = 0;
  let userinfo = '';
  let clock: TestClock;
  let idTokens: IdTokens;
  const opened = openUpstream({ guards: new AddressGuards() });

  beforeAll(async () => {
    server = createServer(({ url }, answer) => {
      if (url === '/userinfo') return void answer.setHeader('Content-Type', 'application/jwt').end(userinfo);
      asked += 1;
      answer.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    [keys, asked] = [[jwkOf(ours, 'one')], 0];
    clock = new TestClock();
    idTokens = new IdTokens(new AddressGuards(), clock);
  });
  afterAll(async () => {
    await opened.close();
    server.close();
  });

  const provider = (given: Partial<Provider> = {}) =>
    providerAt(here, {
      ...{ issuer: ISSUER, jwks: `${here}/jwks`, account: { from: 'id-token', id: 'sub', label: 'email' } },
      ...given,
    });

  const found = (of: Provider, answer: object | null) => {
    const tokens = {
      accessToken: new Secret('t'),
      refreshToken: null,
      issuedAt: NOW,
      expiresAt: null,
      scopes: null,
    };
    const granted = {
      ...{ tokens: { ...tokens, origins: originsOf(of) }, client, nonce: NONCE, callbackValues: {} },
      answer: answer && new Secret(JSON.stringify(answer)),
    };
    return findAccount({ upstream: opened.upstream, idTokens }, of, granted);
  };

  const ada = { account: { id: 'ada', label: 'ada@example.com' } };
  const unsaid = (cause: string) => ({
    ended: { status: 'failed', failure: { code: 'account_unknown', cause: `account: ${cause}` } },
  });

  it('is the one whom the id token names', async () => {
    expect(await found(provider(), { id_token: await signed(good()) })).toEqual(ada);
    const nested = { authed_user: { id_token: await signed(good()) } };
    expect(await found(provider({ tokenAt: 'authed_user' }), nested)).toEqual(ada);
    const several = { ...good(), aud: ['oriel', 'another'], azp: 'oriel' };
    expect(await found(provider(), { id_token: await signed(several) })).toEqual(ada);
  });

  const hmacOf = (secret: string) => {
    const text = `${segment({ alg: 'HS256', kid: 'one' })}.${segment(good())}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };

  it.each<readonly [string, () => string | Promise<string>, string]>([
    ['of another issuer', () => signed({ ...good(), iss: 'https://theirs.example' }), 'jwt-iss'],
    ['of this issuer with a slash', () => signed({ ...good(), iss: `${ISSUER}/` }), 'jwt-iss'],
    ['for another client', () => signed({ ...good(), aud: 'another' }), 'jwt-aud'],
    [
      'for several, made for another',
      () => signed({ ...good(), aud: ['oriel', 'another'], azp: 'another' }),
      'jwt-azp',
    ],
    ['for several, made for no one', () => signed({ ...good(), aud: ['oriel', 'another'] }), 'jwt-azp'],
    ['of another consent', () => signed({ ...good(), nonce: 'another' }), 'jwt-nonce'],
    ['of no consent', () => signed({ ...good(), nonce: undefined } as JWTPayload), 'jwt-nonce'],
    ['that has run out', () => signed({ ...good(), exp: NOW / 1000 - 61 }), 'jwt-expired'],
    ['that never ends', () => signed({ ...good(), exp: undefined } as unknown as JWTPayload), 'jwt-exp'],
    ['without a subject', () => signed({ ...good(), sub: undefined } as unknown as JWTPayload), 'jwt-sub'],
    ['that is not valid yet', () => signed({ ...good(), nbf: NOW / 1000 + 61 }), 'jwt-nbf'],
    ['signed by someone else', () => signed(good(), theirs), 'jwt-signature'],
    ['with a key that is not published', () => signed(good(), theirs, { kid: 'two' }), 'jwt-key-unknown'],
    [
      'that brings its own key',
      () => signed(good(), theirs, { kid: 'two', jwk: jwkOf(theirs, 'two') }),
      'jwt-key-unknown',
    ],
    [
      'that says where its key is',
      () => signed(good(), theirs, { kid: 'two', jku: `${here}/theirs` }),
      'jwt-key-unknown',
    ],
    ['without a signature', () => `${segment({ alg: 'none' })}.${segment(good())}.`, 'jwt-algorithm'],
    [
      'signed with the published key as if it were a secret',
      () => hmacOf(JSON.stringify(jwkOf(ours, 'one'))),
      'jwt-algorithm',
    ],
    ['that is none', () => 'a.b.c', 'jwt-unreadable'],
    ['that is too long', () => 'a'.repeat(17 * 1024), 'id-token-missing'],
  ])('is not taken from a token %s', async (_what, token, cause) => {
    expect(await found(provider(), { id_token: await token() })).toMatchObject(unsaid(cause));
  });

  it('is not there without a token, without its keys, or without what it is called', async () => {
    expect(await found(provider(), {})).toMatchObject(unsaid('id-token-missing'));
    expect(await found(provider(), null)).toMatchObject(unsaid('answer-missing'));
    const token = { id_token: await signed(good()) };
    expect(await found(provider({ issuer: null }), token)).toMatchObject(unsaid('jwt-issuer-unknown'));
    expect(await found(provider({ jwks: 'http://127.0.0.1:1/jwks' }), token)).toMatchObject(
      unsaid('jwt-keys-unavailable'),
    );
    const elsewhere = provider({ account: { from: 'id-token', id: 'oid', label: 'email' } });
    expect(await found(elsewhere, token)).toMatchObject(unsaid('id-missing'));
  });

  it('asks for the keys once, and again for one that is new', async () => {
    const token = { id_token: await signed(good()) };
    expect(await found(provider(), token)).toEqual(ada);
    expect(await found(provider(), token)).toEqual(ada);
    expect(asked).toBe(1);
    keys = [jwkOf(theirs, 'two')];
    const renewed = { id_token: await signed(good(), theirs, { kid: 'two' }) };
    expect(await found(provider(), renewed)).toMatchObject(unsaid('jwt-key-unknown'));
    await clock.sleep(4000);
    expect(await found(provider(), renewed)).toEqual(ada);
    expect(asked).toBe(2);
  });

  it('is the one whom userinfo names that is answered as a signed token', async () => {
    const { nonce: _n, exp: _e, iat: _i, ...claims } = good();
    const asking = provider({
      account: { target: `${here}/userinfo`, format: 'jwt', id: 'sub', label: 'email' },
    });
    userinfo = await signed(claims);
    expect(await found(asking, null)).toEqual(ada);
    userinfo = await signed(claims, theirs);
    expect(await found(asking, null)).toMatchObject(unsaid('jwt-signature'));
    userinfo = JSON.stringify(claims);
    expect(await found(asking, null)).toMatchObject(unsaid('jwt-unreadable'));
  });

  it('can be said by the token answer itself', async () => {
    const saying = provider({
      account: { from: 'token', id: 'owner.user.id', label: 'owner.user.name,owner.user.id' },
    });
    expect(await found(saying, { owner: { user: { id: 7, name: 'Ada' } } })).toEqual({
      account: { id: '7', label: 'Ada' },
    });
    for (const answer of [
      {},
      { owner: {} },
      { owner: { user: { id: '' } } },
      { owner: { user: { id: {} } } },
    ])
      expect(await found(saying, answer)).toMatchObject(unsaid('id-missing'));
  });
});

describe('A certified server’s id token', () => {
  const clock = new TestClock('runs');
  const guards = new AddressGuards();
  const oauth = new Authorizer({ clock, guards });
  const idTokens = new IdTokens(guards, clock);
  const redirectUri = 'https://oriel.example/connect/callback/oidc';
  const random = () => new Secret(randomBytes(32).toString('base64url'));
  let oidc: OidcServer;
  beforeAll(async () => {
    oidc = await startOidc({ redirectUris: [redirectUri] });
  });
  afterAll(() => oidc.close());

  it('names who consented, and is good for that consent alone', async () => {
    const provider = oidc.provider({
      jwks: `${oidc.issuer}/jwks`,
      account: { from: 'id-token', id: 'sub', label: 'sub' },
    });
    const [state, verifier] = [random(), random()];
    const request = { state, redirectUri, verifier, scopes: ['openid'], selectAccount: false };
    const callback = await oidc.consent(oauth.authorizationUrl(provider, oidc.client, request), 'alice');
    const code = new Secret(callback.searchParams.get('code') ?? '');
    const outcome = await oauth.redeem(provider, oidc.client, { code, redirectUri, verifier });
    if (outcome.kind !== 'tokens') throw new Error(outcome.kind);
    const { tokens, answer = null } = outcome;
    const as = (nonce: string) =>
      findAccount({ upstream: openUpstream().upstream, idTokens }, provider, {
        tokens,
        answer,
        client: oidc.client,
        nonce,
        callbackValues: {},
      });
    expect(await as(nonceOf(state.reveal()))).toEqual({ account: { id: 'alice', label: 'alice' } });
    expect(await as(nonceOf(random().reveal()))).toMatchObject({
      ended: { failure: { cause: 'account: jwt-nonce' } },
    });
  });
});
