import { describe, expect, it } from 'vitest';
import { interceptHttp } from '../support/intercept-http.js';
import { AS, answering, as, client, grant, legacy, oauthClient, redirectUri, tokens } from './as-example.js';

const oauth = oauthClient();
const good = { access_token: 'a', token_type: 'Bearer' };
const url = (text: string) => Object.fromEntries(new URL(text).searchParams);

interceptHttp();

describe('the authorization request', () => {
  const request = { ...grant, state: grant.code, scopes: ['read', 'write:all'], selectAccount: false };

  it('asks for a code with state and PKCE S256, as in RFC 7636 Appendix B', () => {
    const asked = oauth.authorizationUrl(as(), client, request);
    expect(asked.startsWith(`${AS}/authorize?`)).toBe(true);
    expect(url(asked)).toEqual({
      response_type: 'code',
      client_id: 'oriel id',
      redirect_uri: redirectUri,
      state: 'the-code',
      scope: 'read write:all',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    expect(asked).not.toContain('undefined');
    expect(asked).not.toContain(client.secret.reveal());
  });

  it('sends no challenge where the provider knows no PKCE, and no scope when none is asked', () => {
    const asked = url(oauth.authorizationUrl(legacy, client, { ...request, scopes: [] }));
    expect(Object.keys(asked).sort()).toEqual(['client_id', 'redirect_uri', 'response_type', 'state']);
  });

  it.each([
    ['consent', 'select_account', 'consent select_account'],
    ['consent select_account', 'select_account', 'consent select_account'],
    ['none', 'select_account', 'select_account'],
    [undefined, 'select_account', 'select_account'],
    ['consent', undefined, 'consent'],
    [undefined, undefined, undefined],
  ])('asks for what the record always wants (%s) and for the account (%s) together', (always, now, both) => {
    const provider = as({
      authorizationParameters: always === undefined ? {} : { prompt: always },
      selectAccountParameters: now === undefined ? {} : { prompt: now },
    });
    const asked = (selectAccount: boolean) =>
      url(oauth.authorizationUrl(provider, client, { ...request, selectAccount })).prompt;
    expect(asked(true)).toBe(both);
    expect(asked(false)).toBe(always);
  });

  it('keeps a query of the endpoint, and adds the record’s parameters, which override none of ours', () => {
    const provider = as({
      authorizationEndpoint: `${AS}/authorize?tenant=7&client_id=other`,
      authorizationParameters: {
        audience: 'api',
        client_id: 'evil',
        redirect_uri: 'https://evil.example',
        response_type: 'token',
        state: 'evil',
        scope: 'evil',
        code_challenge: 'evil',
        code_challenge_method: 'plain',
      },
      selectAccountParameters: { prompt: 'select_account', state: 'evil' },
    });
    const once = url(oauth.authorizationUrl(provider, client, { ...request, selectAccount: true }));
    expect(once).toMatchObject({
      tenant: '7',
      audience: 'api',
      prompt: 'select_account',
      response_type: 'code',
    });
    expect(JSON.stringify(once)).not.toMatch(/evil|other|plain/);
    expect(url(oauth.authorizationUrl(provider, client, request)).prompt).toBeUndefined();
    const bare = url(
      oauth.authorizationUrl({ ...provider, pkce: 'none' }, client, { ...request, scopes: [] }),
    );
    expect(JSON.stringify(bare)).not.toContain('evil');
  });
});

describe('a token request', () => {
  it('carries code, redirect URI and verifier, and the encoded credentials in one place (RFC 6749 §2.3.1)', async () => {
    const [...captured] = [answering('/token', 200, good)];
    await oauth.redeem(as(), client, grant);
    expect(captured[0]).toEqual([
      {
        authorization: `Basic ${Buffer.from('oriel+id:se%3Acr+et%2B%25%26%3D').toString('base64')}`,
        body: {
          grant_type: 'authorization_code',
          code: 'the-code',
          redirect_uri: redirectUri,
          code_verifier: grant.verifier.reveal(),
        },
      },
    ]);
  });

  it('speaks the legacy dialect: hyphens, credentials in the body alone, no verifier', async () => {
    const captured = answering('/token', 200, { access_token: 'a', expires_in: 7776000, refresh_token: 'r' });
    expect((await oauth.redeem(legacy, client, grant)).kind).toBe('tokens');
    expect(captured).toEqual([
      {
        authorization: undefined,
        body: {
          grant_type: 'authorization-code',
          code: 'the-code',
          redirect_uri: redirectUri,
          client_id: 'oriel id',
          client_secret: 'se:cr et+%&=',
        },
      },
    ]);
  });

  it('refreshes with the refresh token alone, or with the redirect URI where the provider wants it', async () => {
    const standard = answering('/token', 200, good);
    await oauth.refresh(as({ scopes: ['read'] }), client, tokens(), redirectUri);
    expect(standard[0]?.body).toEqual({ grant_type: 'refresh_token', refresh_token: 'old-refresh' });
    const old = answering('/token', 200, good);
    await oauth.refresh(legacy, client, tokens(), redirectUri);
    expect(old[0]?.body).toMatchObject({
      grant_type: 'refresh-token',
      refresh_token: 'old-refresh',
      redirect_uri: redirectUri,
    });
  });

  it('is not made to refresh without a refresh token', async () => {
    const captured = answering('/token', 200, good);
    const outcome = await oauth.refresh(as(), client, tokens({ refreshToken: null }), redirectUri);
    expect(outcome).toEqual({ kind: 'invalid-grant', code: 'no_refresh_token' });
    expect(captured).toHaveLength(0);
  });

  it('goes to the whole path of the endpoint', async () => {
    const captured = answering('/oauth/v2/token?x=1', 200, good);
    await oauth.redeem(as({ tokenEndpoint: `${AS}/oauth/v2/token?x=1` }), client, grant);
    expect(captured).toHaveLength(1);
  });

  it.each(['http://as.example/token', 'https://127.0.0.1/token', 'https://169.254.169.254/token'])(
    'never goes to %s',
    async (tokenEndpoint) => {
      const provider = as({ tokenEndpoint, allowAddresses: [] });
      expect((await oauth.redeem(provider, client, grant)).kind).not.toBe('tokens');
      expect(await oauth.redeem(provider, client, grant)).toMatchObject({ code: 'address-refused' });
    },
  );
});
