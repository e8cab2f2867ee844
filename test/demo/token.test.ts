import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMingle } from './mingle/start-mingle.js';
import type { RunningApplication } from './site/application.js';
import { type LegacyClient, legacyClient, seeded, type Tokens } from './support/legacy-client.js';
import { statusFor } from './support/raw-request.js';

const other = { name: 'Other', redirectUri: 'http://localhost:8/cb', id: 'other', secret: 'other secret' };

describe("the legacy provider's token endpoint", () => {
  let mingle: RunningApplication;
  let client: LegacyClient;
  let now = Date.now();
  beforeAll(async () => {
    mingle = await startMingle({ clients: [seeded, other], now: () => now });
    client = legacyClient(mingle.url, '', '/profile/login');
  });
  afterAll(() => mingle.close());

  const code = async (login = 'ann'): Promise<string> =>
    (await client.consent(await client.person(login))).searchParams.get('code') ?? '';
  const exchange = (given: string, changed: Readonly<Record<string, string>> = {}) =>
    client.token({ grant_type: 'authorization-code', code: given, ...changed });
  const refresh = (token: string, changed: Readonly<Record<string, string>> = {}) =>
    client.token({ grant_type: 'refresh-token', refresh_token: token, ...changed });
  const works = async (token: string): Promise<number> => {
    const headers = { authorization: `Token token="${token}"` };
    return (await fetch(`${mingle.url}/api/v2/projects.xml`, { headers })).status;
  };
  const refused = async (response: Response, error: string, error_description: string): Promise<void> => {
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error, error_description });
  };

  it('answers with a pair of tokens and their lifetime, and nothing else', async () => {
    const response = await exchange(await code());
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const tokens = (await response.json()) as Tokens;
    expect(Object.keys(tokens).toSorted()).toEqual(['access_token', 'expires_in', 'refresh_token']);
    expect(tokens.access_token).toMatch(/^[0-9a-f]{64}$/);
    expect(tokens.expires_in).toBe(90 * 24 * 60 * 60);
    expect(await works(tokens.access_token)).toBe(200);
  });

  it('knows only hyphenated grant types', async () => {
    const message = 'Grant type authorization_code is not supported!';
    const wrong = { grant_type: 'authorization_code', client_secret: 'wrong' };
    await refused(await exchange('x', wrong), 'unsupported-grant-type', message);
  });

  it('refuses wrong credentials before a wrong redirect URI, and that before a wrong code', async () => {
    const everything = { client_secret: 'wrong', redirect_uri: 'http://x' };
    await refused(
      await exchange('x', everything),
      'invalid-client-credentials',
      'Invalid client credentials!',
    );
    await refused(
      await exchange('x', { redirect_uri: 'http://x' }),
      'invalid-grant',
      'Redirect uri mismatch!',
    );
    await refused(await exchange('x'), 'invalid-grant', 'Authorization expired or invalid!');
    await refused(await refresh('x'), 'invalid-grant', 'Refresh token is invalid!');
  });

  it('takes no credentials from a Basic header', async () => {
    const basic = Buffer.from(`${seeded.id}:${seeded.secret}`).toString('base64');
    const body = new URLSearchParams({ grant_type: 'authorization-code', code: await code() });
    const headers = { authorization: `Basic ${basic}` };
    const response = await fetch(`${mingle.url}/oauth/token`, { method: 'POST', headers, body });
    await refused(response, 'invalid-client-credentials', 'Invalid client credentials!');
  });

  it('gives nothing to another client that got hold of a code or a refresh token', async () => {
    const theirs = { client_id: other.id, client_secret: other.secret, redirect_uri: other.redirectUri };
    const stolen = await exchange(await code(), theirs);
    await refused(stolen, 'invalid-grant', 'Authorization expired or invalid!');
    const { refresh_token } = await client.connect('ann');
    await refused(await refresh(refresh_token, theirs), 'invalid-grant', 'Refresh token is invalid!');
  });

  it('is served over HTTPS only, like the consent form, except between loopback names', async () => {
    const headers = { host: 'mingle.example.com' };
    expect(await statusFor(mingle.url, '/oauth/token', headers, 'POST')).toBe(403);
    expect(await statusFor(mingle.url, '/oauth/authorize', headers)).toBe(403);
    const proxied = { ...headers, 'x-forwarded-proto': 'https' };
    expect(await statusFor(mingle.url, '/oauth/token', proxied, 'POST')).toBe(400);
  });

  it('burns the code of a request that fails', async () => {
    const given = await code();
    await exchange(given, { client_secret: 'wrong' });
    await refused(await exchange(given), 'invalid-grant', 'Authorization expired or invalid!');
  });

  it('burns the tokens of a refresh that fails, the access token included', async () => {
    const tokens = await client.connect('ann');
    await refresh(tokens.refresh_token, { redirect_uri: 'http://x' });
    await refused(await refresh(tokens.refresh_token), 'invalid-grant', 'Refresh token is invalid!');
    expect(await works(tokens.access_token)).toBe(401);
  });

  it('replaces both tokens on refresh and ends the old ones at once', async () => {
    const old = await client.connect('ann');
    const fresh = (await (await refresh(old.refresh_token)).json()) as Tokens;
    expect(fresh.refresh_token).not.toBe(old.refresh_token);
    expect([await works(old.access_token), await works(fresh.access_token)]).toEqual([401, 200]);
    await refused(await refresh(old.refresh_token), 'invalid-grant', 'Refresh token is invalid!');
  });

  it('keeps one live pair for a person and client, and leaves other people alone', async () => {
    const [first, bobs] = [await client.connect('ann'), await client.connect('bob')];
    const second = await client.connect('ann');
    const [one, two, three] = [first, second, bobs].map((tokens) => works(tokens.access_token));
    expect([await one, await two, await three]).toEqual([401, 200, 200]);
  });

  it('ends an older code when the person consents again', async () => {
    const older = await code();
    const newer = await code();
    expect((await exchange(older)).status).toBe(400);
    expect((await exchange(newer)).status).toBe(200);
  });

  it('lets a code live an hour, an access token ninety days and a refresh token for ever', async () => {
    const late = await code();
    now += 60 * 60 * 1000;
    await refused(await exchange(late), 'invalid-grant', 'Authorization expired or invalid!');
    const tokens = await client.connect('ann');
    now += 90 * 24 * 60 * 60 * 1000;
    expect(await works(tokens.access_token)).toBe(401);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });
});
