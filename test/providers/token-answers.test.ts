import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interceptHttp } from '../support/intercept-http.js';
import { NOW } from '../support/test-clock.js';
import { answering, as, client, grant, legacy, oauthClient, redirectUri, tokens } from './as-example.js';

const oauth = oauthClient();
interceptHttp();

const redeemed = (
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
  provider = as(),
) => {
  answering('/token', status, body, headers);
  return oauth.redeem(provider, client, grant);
};
const good = { access_token: 'abc', token_type: 'bearer' };

describe('a token response that is accepted', () => {
  it('becomes a TokenSet, dated by our clock', async () => {
    const outcome = await redeemed({ ...good, refresh_token: 'r', expires_in: 60, scope: 'a b' });
    if (outcome.kind !== 'tokens') throw new Error(outcome.kind);
    const { accessToken, refreshToken, ...rest } = outcome.tokens;
    expect([accessToken.reveal(), refreshToken?.reveal()]).toEqual(['abc', 'r']);
    expect(rest).toEqual({ issuedAt: NOW, expiresAt: NOW + 60_000, scopes: ['a', 'b'] });
    expect(JSON.stringify(outcome)).not.toContain('abc');
  });

  it.each([
    [3600, 3600],
    ['3600', 3600],
    [1, 1],
    [31_536_000, 31_536_000],
    [31_536_001, null],
    [0, null],
    [-1, null],
    [3600.5, 3600],
    [1e300, null],
    ['3600.5', 3600],
    ['1h', null],
    ['1e3', null],
    [' 60', 60],
    ['abc', null],
    ['', null],
    ['-5', null],
    [null, null],
    [true, null],
    [[3600], null],
    [{}, null],
    [undefined, null],
  ])('with expires_in %j lives %s seconds', async (expires_in, seconds) => {
    const outcome = await redeemed({ ...good, expires_in, expires_at: 1_800_000_000_000 });
    const expiresAt = seconds === null ? null : NOW + seconds * 1000;
    expect(outcome).toMatchObject({ kind: 'tokens', tokens: { expiresAt } });
  });

  it.each([
    ['a b', ['a', 'b']],
    ['repo,user', ['repo', 'user']],
    [' a  b ', ['a', 'b']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    ['', null],
    [undefined, null],
    [null, null],
    [{}, null],
    [7, null],
    [false, null],
    [[], null],
    [{ read: true }, null],
    [['a', 7, null], ['a']],
    ['a\u0000b', null],
    ['a\n b\t', ['a', 'b']],
  ])('with scope %j grants %j', async (scope, scopes) => {
    expect(await redeemed({ ...good, scope })).toMatchObject({ kind: 'tokens', tokens: { scopes } });
  });

  it.each([
    ['in a text', (scopes: readonly string[]) => scopes.join(' ')],
    ['in a list', (scopes: readonly string[]) => scopes],
  ])('remembers two hundred scopes at most, and the good token with them: %s', async (_, written) => {
    const scopes = Array.from({ length: 5000 }, (_each, n) => `scope-${n}`);
    expect(await redeemed({ ...good, scope: written(scopes) })).toMatchObject({
      kind: 'tokens',
      tokens: { scopes: scopes.slice(0, 200) },
    });
  });

  it('takes no scope that is longer than two hundred characters', async () => {
    const [longest, longer] = ['a'.repeat(200), 'b'.repeat(201)];
    const outcome = await redeemed({ ...good, scope: `${longest} ${longer}` });
    expect(outcome).toMatchObject({ kind: 'tokens', tokens: { scopes: [longest] } });
  });

  it('keeps the old refresh token when none is sent, and takes a new one (RFC 6749 §6)', async () => {
    for (const [refresh_token, kept] of [
      [undefined, 'old-refresh'],
      ['', 'old-refresh'],
      [null, 'old-refresh'],
      [false, 'old-refresh'],
      [{}, 'old-refresh'],
      [{ a: 1 }, 'old-refresh'],
      [[], 'old-refresh'],
      [0, 'old-refresh'],
      ['new', 'new'],
    ]) {
      answering('/token', 200, { ...good, refresh_token });
      const outcome = await oauth.refresh(as(), client, tokens(), redirectUri);
      expect(outcome.kind === 'tokens' && outcome.tokens.refreshToken?.reveal()).toBe(kept);
    }
  });

  it.each(['mac', 'user', 'N_A', '', null, undefined, 7, ['bearer'], {}])(
    'may have any token type if the record accepts any: %j',
    async (token_type) => {
      const outcome = await redeemed({ access_token: 'a', token_type }, 200, {}, as({ tokenType: 'any' }));
      expect(outcome.kind).toBe('tokens');
    },
  );

  it.each([null, '', ' ', false, 0, {}, []])('may report “no error” beside the token: %j', async (error) => {
    expect((await redeemed({ ...good, error, error_description: null })).kind).toBe('tokens');
  });

  it.each([
    ['an ID token that is none', { id_token: 7 }],
    ['who signed in', { user: { id: 7, teams: [{ name: 'a' }] }, athlete: {}, ok: true }],
    ['a token of its own for another', { authed_user: { access_token: 'other' }, resource: [] }],
    ['a broken expiry', { expires_at: {}, ext_expires_in: '' }],
  ])('may carry %s', async (_, extra) => {
    const outcome = await redeemed({ ...good, ...extra });
    expect(outcome.kind === 'tokens' && outcome.tokens.accessToken.reveal()).toBe('abc');
  });

  const json = JSON.stringify(good);
  it.each<readonly [string, string | Buffer, Readonly<Record<string, string>>]>([
    ['plain text', json, { 'content-type': 'text/plain' }],
    ['HTML', json, { 'content-type': 'text/html; charset=utf-8' }],
    ['nothing', json, { 'content-type': '' }],
    [
      'a form',
      'access_token=abc&scope=a%2Cb&token_type=bearer',
      { 'content-type': 'application/x-www-form-urlencoded' },
    ],
    [
      'a form, as text',
      'access_token=abc&token_type=bearer&expires_in=60\n',
      { 'content-type': 'text/plain' },
    ],
    ['a form, as JSON', 'access_token=abc&token_type=bearer', {}],
    ['JSON behind a byte order mark', `\ufeff${json}`, {}],
    ['JSON behind empty lines', `\r\n\n ${json}\n`, {}],
    [
      'UTF-16',
      Buffer.from(`\ufeff${json}`, 'utf16le'),
      { 'content-type': 'application/json; charset=utf-16' },
    ],
    ['gzip that no one asked for', gzipSync(json), { 'content-encoding': 'gzip' }],
    ['gzip that does not say so', gzipSync(json), {}],
    ['deflate', deflateSync(json), { 'content-encoding': 'deflate' }],
    ['Brotli', brotliCompressSync(json), { 'content-encoding': 'br' }],
    ['no packing at all, so called', json, { 'content-encoding': 'none' }],
    ['a problem’s media type', json, { 'content-type': 'application/vnd.api+json' }],
  ])('may be declared as, or be, %s', async (_, body, headers) => {
    const outcome = await redeemed(body, 200, headers);
    expect(outcome.kind === 'tokens' && outcome.tokens.accessToken.reveal()).toBe('abc');
  });

  it('accepts “bearer” in any case, and no token type when the provider leaves it out', async () => {
    expect((await redeemed({ ...good, token_type: 'BEARER' })).kind).toBe('tokens');
    expect((await redeemed({ access_token: 'a' }, 200, {}, legacy)).kind).toBe('tokens');
    expect(await redeemed({ access_token: 'a' })).toMatchObject({ kind: 'protocol-error' });
    expect(await redeemed({ ...good, token_type: 'mac' }, 200, {}, legacy)).toMatchObject({
      kind: 'protocol-error',
    });
  });
});

describe('a token response that is not accepted', () => {
  it.each([
    ['a list', []],
    ['a text', '"str"'],
    ['null', 'null'],
    ['a number', '7'],
    ['nothing', ''],
    ['broken JSON', '{"access_token":"abc"'],
    ['__proto__', '{"__proto__":{"access_token":"abc","token_type":"bearer"}}'],
    ['no access token', { token_type: 'bearer' }],
    ['an empty access token', { ...good, access_token: '' }],
    ['an access token that is no text', { ...good, access_token: 7 }],
    ['an access token with a line break', { ...good, access_token: 'a\r\nX-Evil: 1' }],
    ['an access token beyond ASCII', { ...good, access_token: 'a\u2028b' }],
    ['an access token of 64 kB', { ...good, access_token: 'x'.repeat(65_536) }],
    ['another token type', { ...good, token_type: 'dpop' }],
    ['a token type that is no text', { ...good, token_type: ['bearer'] }],
    ['a refresh token with NUL', { ...good, refresh_token: 'a\0' }],
    ['an error beside a token', { ...good, error: 'slow_down' }],
  ])('%s', async (_, body) => {
    const outcome = await redeemed(body);
    expect(outcome.kind).toMatch(/^(protocol-error|refused|unreachable|rate-limited)$/);
  });

  it.each([
    ['{"access_token": x}', {}, 'json-syntax at 17'],
    ['{"access_token": "abc"', { 'content-type': 'text/plain' }, 'json-syntax at 22'],
    ['<html>Sign in</html>', { 'content-type': 'text/html' }, 'html'],
    [Buffer.from([0, 1, 2, 255, 254]), {}, 'not-text'],
    [gzipSync(Buffer.alloc(2_000_000, 'x')), { 'content-encoding': 'gzip' }, 'not-text'],
  ])('one that cannot be read, with the reason: %j', async (body, headers, code) => {
    expect(await redeemed(body, 200, headers)).toEqual({ kind: 'unreachable', code, answered: true });
  });

  it.each([
    ['a sentence', 'Sorry, access_token=abc&token_type=bearer is what we would have said.'],
    ['a sentence that starts like one', 'access_token=abc&token_type=bearer was withdrawn'],
    ['a page without its beginning', 'access_token=abc&token_type=bearer</p></body>'],
    ['broken JSON', '{"a":"=&access_token=abc&token_type=bearer"'],
  ])('%s, which is no form although there is one in it', async (_, text) => {
    expect(await redeemed(text, 200, { 'content-type': 'text/plain' })).toMatchObject({
      kind: 'unreachable',
      code: expect.stringMatching(/^json-syntax at \d+$/),
    });
  });

  it('one that is not an object, which is the server’s fault and not the network’s', async () => {
    for (const body of ['null', '7', '"str"', '']) {
      expect(await redeemed(body)).toEqual({ kind: 'protocol-error', code: 'not-an-object' });
    }
  });

  it('any other JSON: no answer throws, and only a valid one gives tokens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom(200, 400, 401, 503), async (json, status) => {
        const outcome = await redeemed(json, status);
        expect(outcome.kind).not.toBe('tokens');
      }),
      { numRuns: 100 },
    );
  });
});

describe('a refusal', () => {
  it.each([
    [400, { error: 'invalid_grant' }, as(), { kind: 'invalid-grant', code: 'invalid_grant' }],
    [200, { error: 'invalid_grant' }, as(), { kind: 'invalid-grant', code: 'invalid_grant' }],
    [400, { error: 'invalid-grant' }, legacy, { kind: 'invalid-grant', code: 'invalid_grant' }],
    [400, { error: 'invalid-grant' }, as(), { kind: 'invalid-grant', code: 'invalid_grant' }],
    [401, { error: 'invalid_client' }, as(), { kind: 'invalid-client', code: 'invalid_client' }],
    [400, { error: 'unauthorized_client' }, as(), { kind: 'invalid-client', code: 'unauthorized_client' }],
    [
      400,
      { error: 'invalid-client-credentials' },
      legacy,
      { kind: 'invalid-client', code: 'invalid_client' },
    ],
    [
      200,
      'error=invalid_grant&error_description=bad',
      as(),
      { kind: 'invalid-grant', code: 'invalid_grant' },
    ],
    [400, '\ufeff{"error":"invalid_grant"}', as(), { kind: 'invalid-grant', code: 'invalid_grant' }],
    [
      400,
      { error: 'unsupported_grant_type' },
      as(),
      { kind: 'invalid-client', code: 'unsupported_grant_type' },
    ],
    [
      400,
      { error: 'temporarily_unavailable' },
      as(),
      { kind: 'unreachable', code: 'temporarily_unavailable' },
    ],
    [503, { error: 'invalid_grant' }, as(), { kind: 'unreachable' }],
    [500, { error: 'invalid_client' }, as(), { kind: 'unreachable' }],
    [408, {}, as(), { kind: 'unreachable' }],
    [403, {}, as(), { kind: 'refused' }],
    [400, { error: { message: 'x' } }, as(), { kind: 'refused' }],
    [400, { error: '<img src=x>' }, as(), { kind: 'refused', code: expect.not.stringContaining('<') }],
    [400, { error: 'toString' }, as(), { kind: 'refused', code: 'toString' }],
  ])('%i %j', async (status, body, provider, outcome) => {
    expect(await redeemed(body, status, {}, provider)).toMatchObject(outcome);
  });

  it.each([200, 400, 401, 404, 502, 503])(
    'by an HTML page with %i says nothing about the grant',
    async (status) => {
      const outcome = await redeemed('<html>Sorry</html>', status, { 'content-type': 'text/html' });
      expect(outcome.kind).toBe('unreachable');
    },
  );

  it.each([
    ['30', 30],
    ['Fri, 15 Jan 2027 08:01:00 GMT', 60],
    ['99999999', 3600],
    ['soon', null],
    [undefined, null],
  ])('for asking too often, with Retry-After %s', async (wait, retryAfter) => {
    const headers: Record<string, string> = wait === undefined ? {} : { 'retry-after': wait };
    expect(await redeemed({}, 429, headers)).toEqual({ kind: 'rate-limited', retryAfter });
  });
});
