import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { originsOf } from '../../src/providers/provider.js';
import { interceptHttp } from '../support/intercept-http.js';
import { AS, answering, as, client, grant, oauthClient, redirectUri, tokens } from './as-example.js';

/*
 * What servers in use do otherwise than RFC 6749, each a field of the provider's record.
 */

const oauth = oauthClient();
const good = { access_token: 'new', token_type: 'Bearer' };
const standard = `Basic ${Buffer.from('oriel+id:se%3Acr+et%2B%25%26%3D').toString('base64')}`;
const request = { ...grant, state: grant.code, scopes: ['read', 'write'], selectAccount: false };
const asked = (provider: ReturnType<typeof as>) =>
  new URL(oauth.authorizationUrl(provider, client, request)).searchParams;

interceptHttp();

describe('a code becomes tokens', () => {
  const usual = {
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: redirectUri,
    code_verifier: grant.verifier.reveal(),
  };

  it('by JSON, with the credentials in it or in the header', async () => {
    for (const [clientAuthentication, credentials] of [
      ['basic', {}],
      ['body', { client_id: 'oriel id', client_secret: 'se:cr et+%&=' }],
    ] as const) {
      const captured = answering('/token', 200, good);
      const outcome = await oauth.redeem(as({ tokenRequest: 'json', clientAuthentication }), client, grant);
      expect(outcome.kind).toBe('tokens');
      expect(captured).toEqual([
        {
          authorization: clientAuthentication === 'basic' ? standard : undefined,
          body: { ...usual, ...credentials },
        },
      ]);
    }
  });

  it('by a form that names the client beside Basic', async () => {
    const captured = answering('/token', 200, good);
    await oauth.redeem(as({ clientIdInBody: true }), client, grant);
    expect(captured).toEqual([{ authorization: standard, body: { ...usual, client_id: 'oriel id' } }]);
  });

  it('by Basic with id and secret as they are', async () => {
    const captured = answering('/token', 200, good);
    await oauth.redeem(as({ basicEncoding: 'raw' }), client, grant);
    const raw = `Basic ${Buffer.from('oriel id:se:cr et+%&=').toString('base64')}`;
    expect(captured).toEqual([{ authorization: raw, body: usual }]);
  });

  it('with further parameters, which replace none of ours', async () => {
    const captured = answering('/token', 200, good);
    const tokenParameters = { expires_in: '1800', grant_type: 'password', code: 'x', redirect_uri: 'x' };
    await oauth.redeem(as({ tokenParameters }), client, grant);
    expect(captured).toEqual([{ authorization: standard, body: { ...usual, expires_in: '1800' } }]);
  });

  it('for a resource and an audience, as the authorization request says too (RFC 8707)', async () => {
    const target = { resource: 'https://api.example', audience: 'tickets' };
    const captured = answering('/token', 200, good);
    const provider = as({ ...target, authorizationParameters: { resource: 'https://other.example' } });
    await oauth.redeem(provider, client, grant);
    expect(captured).toEqual([{ authorization: standard, body: { ...usual, ...target } }]);
    expect(Object.fromEntries(asked(provider))).toMatchObject(target);
  });
});

describe('scopes', () => {
  it.each([
    [' ', 'read write'],
    [',', 'read,write'],
    [';', 'read;write'],
  ])('are separated by “%s”', (scopeSeparator, scope) => {
    expect(asked(as({ scopeSeparator })).get('scope')).toBe(scope);
  });

  it.each(['read,write', 'read write', 'read;write', 'read, write'])(
    'that were granted are read from “%s”',
    async (scope) => {
      answering('/token', 200, { ...good, scope });
      const outcome = await oauth.redeem(as({ scopeSeparator: ';' }), client, grant);
      expect(outcome.kind === 'tokens' && outcome.tokens.scopes).toEqual(['read', 'write']);
    },
  );
});

describe('a refresh', () => {
  it('goes to an endpoint of its own, where a record names one', async () => {
    const provider = as({ refreshEndpoint: `${AS}/refresh` });
    const captured = answering('/refresh', 200, good);
    const outcome = await oauth.refresh(provider, client, tokens(), redirectUri);
    expect(outcome.kind).toBe('tokens');
    expect(captured).toEqual([
      { authorization: standard, body: { grant_type: 'refresh_token', refresh_token: 'old-refresh' } },
    ]);
  });

  it('sends no secret to an endpoint that may not be called', async () => {
    const provider = as({ refreshEndpoint: 'https://10.0.0.7/refresh' });
    const calls = nock('https://10.0.0.7').post('/refresh').reply(200, good);
    const outcome = await oauth.refresh(provider, client, tokens(), redirectUri);
    expect(outcome).toEqual({ kind: 'unreachable', code: 'address-refused' });
    expect(calls.isDone()).toBe(false);
    nock.cleanAll();
  });

  it('makes that endpoint a place where tokens are sent', () => {
    expect(originsOf(as({ refreshEndpoint: 'https://other.example/refresh' }))).toContain(
      'https://other.example',
    );
  });

  it('carries its own further parameters, scopes among them, and names client and resource', async () => {
    const refreshParameters = { scope: 'read', expires_in: '1800', refresh_token: 'x' };
    const provider = as({ refreshParameters, clientIdInBody: true, resource: 'https://api.example' });
    const captured = answering('/token', 200, good);
    await oauth.refresh(provider, client, tokens(), redirectUri);
    expect(captured[0]?.body).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'old-refresh',
      scope: 'read',
      expires_in: '1800',
      client_id: 'oriel id',
      resource: 'https://api.example',
    });
  });
});

describe('a token answer', () => {
  const redeemed = async (given: Parameters<typeof as>[0], body: unknown) => {
    answering('/token', 200, body);
    return oauth.redeem(as(given), client, grant);
  };

  it('has its tokens below a key, as Slack has those of a person', async () => {
    const body = {
      ...{ ok: true, access_token: 'of-the-bot', token_type: 'bot', refresh_token: 'bot', scope: 'bot' },
      authed_user: { access_token: 'of-the-person', token_type: 'user', refresh_token: 'r', scope: 'a,b' },
    };
    const outcome = await redeemed({ tokenAt: 'authed_user', tokenType: 'any' }, body);
    if (outcome.kind !== 'tokens') throw new Error(outcome.kind);
    expect(outcome.tokens.accessToken.reveal()).toBe('of-the-person');
    expect(outcome.tokens.refreshToken?.reveal()).toBe('r');
    expect(outcome.tokens.scopes).toEqual(['a', 'b']);
  });

  it.each([
    ['nothing is there', { ok: true, access_token: 'of-the-bot' }],
    ['no object is there', { access_token: 'of-the-bot', authed_user: 'x' }],
    ['the key is no one’s own', { access_token: 'of-the-bot', __proto__: { authed_user: good } }],
  ])('never gives another token where %s', async (_, body) => {
    expect(await redeemed({ tokenAt: 'authed_user' }, body)).toEqual({
      kind: 'protocol-error',
      code: 'tokens-missing',
    });
  });

  it('is refused by what it says at its top', async () => {
    const body = { ok: false, error: 'invalid_grant', authed_user: good };
    expect((await redeemed({ tokenAt: 'authed_user' }, body)).kind).toBe('invalid-grant');
  });

  it.each([
    ['is absent', {}, 7200],
    ['is null', { expires_in: null }, 7200],
    ['is there', { expires_in: 60 }, 60],
  ])('lives as long as the record says where expires_in %s', async (_, given, seconds) => {
    const outcome = await redeemed({ accessTokenLife: 7200 }, { ...good, ...given });
    if (outcome.kind !== 'tokens') throw new Error(outcome.kind);
    const { expiresAt, issuedAt } = outcome.tokens;
    expect(expiresAt === null ? null : (expiresAt - issuedAt) / 1000).toBe(seconds);
  });
});
