import { describe, expect, it } from 'vitest';
import { interceptHttp } from '../support/intercept-http.js';
import { answering, as, client, grant, oauthClient, redirectUri, tokens } from './as-example.js';

const oauth = oauthClient();
interceptHttp();

const HTML = { 'content-type': 'text/html' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** What a refresh comes to that is answered like this. */
const refreshed = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
  answering('/token', status, body, headers);
  return oauth.refresh(as(), client, tokens(), redirectUri);
};

describe('A redirected token request', () => {
  it.each([
    ['its own slash', 301, '/token/', 'redirected to https://as.example/token/'],
    ['its own slash', 302, 'https://as.example/token/', 'redirected to https://as.example/token/'],
    ['another path', 307, '../oauth/token', 'redirected to https://as.example/oauth/token'],
    ['another server', 308, 'https://new.example/token', 'redirected to https://new.example/token'],
    [
      'a query that repeats what was sent, and credentials',
      302,
      'https://u:p@new.example/t?refresh_token=old-refresh#x',
      'redirected to https://new.example/t',
    ],
    ['nowhere', 302, 'http://', 'redirected'],
    ['another kind of address', 302, 'javascript:alert(1)', 'redirected'],
    ['an address without end', 302, `/${'x'.repeat(300)}`, 'redirected'],
  ])('names %s, and is not followed (%i %s)', async (_, status, location, code) => {
    expect(await refreshed(status, '', { location })).toEqual({ kind: 'protocol-error', code });
    answering('/token', status, '', { location });
    expect(await oauth.redeem(as(), client, grant)).toEqual({ kind: 'protocol-error', code });
  });

  it('is distinguished from another under way at the same time', async () => {
    const all = await Promise.all(['/a', '/b', '/c'].map((location) => refreshed(301, '', { location })));
    expect(all.map((each) => ('code' in each ? each.code : each.kind))).toEqual(
      ['/a', '/b', '/c'].map((path) => `redirected to https://as.example${path}`),
    );
  });

  it('says nothing where no answer was a redirect', async () => {
    expect(await refreshed(302, '')).toEqual({ kind: 'protocol-error', code: 'redirected' });
    expect(await refreshed(200, 'x')).toMatchObject({ kind: 'unreachable' });
  });
});

describe('A token answer that the record’s own rule refuses', () => {
  const lark = as({
    refused: { when: { code: { not: 0 } }, code: 'code', expired: ['20037'] },
    errorCodes: { '20024': 'invalid_client', '20048': 'invalid_grant' },
  });
  const asked = (status: number, body: object) => {
    answering('/token', status, body);
    return oauth.refresh(lark, client, tokens(), redirectUri);
  };

  it.each([
    [200, { code: 20048, msg: 'x' }, { kind: 'invalid-grant', code: 'invalid_grant' }],
    [400, { code: 20048, msg: 'x' }, { kind: 'invalid-grant', code: 'invalid_grant' }],
    [200, { code: 20024 }, { kind: 'invalid-client', code: 'invalid_client' }],
    [200, { code: 20037 }, { kind: 'invalid-grant', code: '20037' }],
    [200, { code: 7 }, { kind: 'refused', code: '7' }],
    // Whatever stands beside it: an answer that refuses brings no tokens.
    [200, { code: 7, access_token: 'a', token_type: 'Bearer' }, { kind: 'refused', code: '7' }],
    [200, { code: 'secret token 123' }, { kind: 'refused', code: 'unknown_error' }],
  ])('%i %j', async (status, body, outcome) => {
    expect(await asked(status, body)).toEqual(outcome);
  });

  it('is good where the rule does not hold', async () => {
    const good = { code: 0, access_token: 'a', token_type: 'Bearer' };
    expect((await asked(200, good)).kind).toBe('tokens');
    expect((await asked(200, { access_token: 'a', token_type: 'Bearer' })).kind).toBe('tokens');
  });
});

describe('A refresh that is refused', () => {
  it.each([
    [400, { error: 'invalid_grant' }],
    [401, { error: 'invalid_grant' }],
    [403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }],
    [
      200,
      { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' },
    ],
    [400, { error_code: 'refresh_token_not_found', msg: 'Invalid Refresh Token: Refresh Token Not Found' }],
    [400, { code: 400, error_code: 'refresh_token_already_used' }],
    [200, { ok: false, error: 'invalid_refresh_token' }],
    [200, { ok: false, error: 'token_expired' }],
    [200, { ok: false, error: 'token_revoked' }],
    [200, { ok: false, error: 'account_inactive' }],
    [200, { error: 'invalid_code' }],
    [400, { error: 'invalid_grant', error_description: 'expired access/refresh token' }],
    [400, { error: 'inactive_user' }],
    [400, { error: 'invalid_request', error_description: 'AADSTS70008: The refresh token has expired.' }],
    [400, { error: 'interaction_required', error_description: 'AADSTS50076: use multi-factor' }],
    [400, { error: { code: 400, message: 'TOKEN_EXPIRED', status: 'INVALID_ARGUMENT' } }],
    [400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }],
    [400, { status: 400, message: 'Invalid refresh token' }],
    [400, { errors: [{ code: 'invalid_refresh_token' }] }],
    [400, { errors: ['invalid_grant'] }],
    [400, [{ error: 'invalid_grant' }]],
    [400, { __type: 'NotAuthorizedException', message: 'Refresh Token has been revoked' }],
    [404, { error: 'refresh_token_not_found' }],
    [400, { error: 'InvalidRefreshToken' }],
  ])('is the end of a grant, in many wordings: %i %j', async (status, body) => {
    expect(await refreshed(status, body)).toMatchObject({ kind: 'invalid-grant' });
  });

  it.each([
    [400, { error: 'weird' }, {}, { kind: 'refused', code: 'weird' }],
    [401, {}, {}, { kind: 'refused', code: 'http-401' }],
    [403, { error: 'access_denied' }, {}, { kind: 'refused', code: 'access_denied' }],
    [400, { message: 'No.' }, {}, { kind: 'refused', code: 'unknown_error' }],
    [200, { error: 'weird' }, {}, { kind: 'refused', code: 'weird' }],
    [200, { errors: [{ title: 'No' }] }, {}, { kind: 'refused', code: 'unknown_error' }],
    [401, '', {}, { kind: 'unreachable', code: 'http-401', answered: true, refusal: true }],
    [403, '<html>No</html>', HTML, { kind: 'unreachable', code: 'http-403', answered: true, refusal: true }],
    [
      500,
      { error: 'invalid_grant' },
      {},
      { kind: 'unreachable', code: 'http-500', answered: true, refusal: true },
    ],
  ])('may be the end of a grant: %i %j', async (status, body, headers, outcome) => {
    expect(await refreshed(status, body, headers as Record<string, string>)).toEqual(outcome);
  });

  it.each([
    [401, { error: 'invalid_client' }, {}, 'invalid_client'],
    [400, { error: 'invalid_client_id' }, {}, 'invalid_client'],
    [200, { ok: false, error: 'bad_client_secret' }, {}, 'invalid_client'],
    [200, { error: 'incorrect_client_credentials' }, {}, 'invalid_client'],
    [401, { error: 'x', error_description: 'AADSTS7000215: Invalid client secret.' }, {}, 'invalid_client'],
    [401, '', { 'www-authenticate': 'Basic realm="oauth"' }, 'http-401'],
    [400, { error: 'unauthorized_client' }, {}, 'unauthorized_client'],
    [400, { error: 'unsupported_grant_type' }, {}, 'unsupported_grant_type'],
  ])('may be about our registration: %i %j', async (status, body, headers, code) => {
    expect(await refreshed(status, body, headers as Record<string, string>)).toEqual({
      kind: 'invalid-client',
      code,
    });
  });

  it.each([
    [429, {}, { 'retry-after': '3600' }, 3600],
    [429, {}, { 'retry-after': '86400' }, 3600],
    [429, { error: 'invalid_grant' }, {}, null],
    [420, {}, {}, null],
    [403, { error: 'weird' }, { 'retry-after': '60' }, 60],
    [403, {}, { 'x-ratelimit-remaining': '0' }, null],
    [400, { error: 'slow_down' }, {}, null],
    [200, { ok: false, error: 'ratelimited' }, {}, null],
    [400, { error: 'over_request_rate_limit' }, { 'retry-after': '7' }, 7],
  ])('may be about load: %i %j', async (status, body, headers, retryAfter) => {
    expect(await refreshed(status, body, headers as Record<string, string>)).toEqual({
      kind: 'rate-limited',
      retryAfter,
    });
  });

  it.each([
    [500, {}, {}, { kind: 'unreachable', code: 'http-500', answered: true }],
    [
      503,
      {},
      { 'retry-after': '9' },
      { kind: 'unreachable', code: 'http-503', answered: true, retryAfter: 9 },
    ],
    [502, '<html>', HTML, { kind: 'unreachable', code: 'http-502', answered: true }],
    [404, '<html>', HTML, { kind: 'unreachable', code: 'http-404', answered: true }],
    [400, { error: 'server_error' }, {}, { kind: 'unreachable', code: 'server_error', answered: true }],
  ])('may say nothing about the grant: %i %j', async (status, body, headers, outcome) => {
    expect(await refreshed(status, body, headers as Record<string, string>)).toEqual(outcome);
  });

  it('is read whatever form it has', async () => {
    expect(await refreshed(400, 'error=bad_refresh_token&error_description=No', FORM)).toMatchObject({
      kind: 'invalid-grant',
    });
  });

  it('never shows more of an answer than a word', async () => {
    const secret = 'gho_16C7e42F292c6912E7710c838347Ae178B4a';
    for (const body of [{ error: secret }, { message: secret }, { error: { message: secret } }, [secret]])
      expect(JSON.stringify(await refreshed(400, body))).not.toContain(secret);
  });

  it.each([
    { access_token: 'a', token_type: 'bearer', error: null },
    { access_token: 'a', token_type: 'bearer', error: '' },
    { access_token: 'a', token_type: 'bearer', code: 'ok', status: 'success', message: 'Fine', errors: [] },
  ])('does not include an answer with tokens: %j', async (body) => {
    expect(await refreshed(200, body)).toMatchObject({ kind: 'tokens' });
  });
});
