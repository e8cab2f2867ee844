import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Authorizer } from '../../src/providers/authorizer.js';
import { interceptHttp } from '../support/intercept-http.js';
import { TestClock } from '../support/test-clock.js';
import { answering, as, client, legacy, oauthClient, tokens } from './as-example.js';

const oauth = oauthClient();
interceptHttp();

type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

/** Answers the refresh token's revocation and the access token's, in this order. */
const revoked = async (first: Answer, second: Answer, given = tokens()) => {
  const posted = [answering('/revoke', ...first), answering('/revoke', ...second)];
  const outcome = await oauth.revoke(as(), client, given);
  return { outcome, posted: posted.flat().map(({ body }) => body) };
};

const gone: Answer = [200, ''];

describe('revoking (RFC 7009)', () => {
  it('names the refresh token first, then the access token, and each its kind', async () => {
    expect(await revoked(gone, gone)).toEqual({
      outcome: 'revoked',
      posted: [
        { token: 'old-refresh', token_type_hint: 'refresh_token' },
        { token: 'old-access', token_type_hint: 'access_token' },
      ],
    });
  });

  it('authenticates the client', async () => {
    const captured = [answering('/revoke', 200, ''), answering('/revoke', 200, '')];
    await oauth.revoke(as(), client, tokens());
    for (const { authorization } of captured.flat()) expect(authorization).toMatch(/^Basic /);
  });

  it.each([
    ['an empty answer', [200, '', { 'content-type': 'text/plain' }]],
    ['a page', [200, '<html>', { 'content-type': 'text/html' }]],
    ['broken JSON', [200, '{']],
    ['no content', [204, '']],
    ['a body that names no error', [200, { error: null }]],
  ] as const)('takes %s for success', async (_, answer) => {
    expect((await revoked(answer, answer)).outcome).toBe('revoked');
  });

  it.each([
    ['a token', [400, { error: 'invalid_token' }]],
    ['a grant', [400, { error: 'invalid_grant' }]],
    ['a token, with 200', [200, { error: 'invalid_token' }]],
  ] as const)('is not certain where the server says that it does not know %s', async (_, answer) => {
    expect((await revoked(answer, answer)).outcome).toBe('asked');
    expect((await revoked(gone, answer)).outcome).toBe('revoked');
  });

  it.each([
    ['a refusal with 200', [200, { error: 'invalid_client' }]],
    ['not available', [503, '', { 'retry-after': '9' }]],
    ['a fault of the server, whatever it says', [500, { error: 'invalid_token' }]],
    ['too often', [429, { error: 'invalid_token' }]],
    ['another client', [401, { error: 'invalid_client' }]],
    ['a redirect', [302, '', { location: 'https://evil.example/' }]],
    ['a bad request', [400, { error: 'invalid_request' }]],
  ] as const)('has failed on %s, and goes on with the access token all the same', async (_, answer) => {
    const { outcome, posted } = await revoked(answer, gone);
    expect(outcome).toBe('failed');
    expect(posted).toHaveLength(2);
  });

  it('logs where it was redirected to', async () => {
    const warned: object[] = [];
    const telling = new Authorizer({
      clock: new TestClock('waits'),
      guards: new AddressGuards(),
      journal: { warn: (event, fields) => void warned.push({ event, ...fields }) },
    });
    answering('/revoke', 301, '', { location: '/revoke/?token=old-refresh' });
    answering('/revoke', ...gone);
    expect(await telling.revoke(as(), client, tokens())).toBe('failed');
    expect(warned).toEqual([
      expect.objectContaining({ event: 'revocation-redirected', to: 'https://as.example/revoke/' }),
    ]);
    answering('/revoke', 503, '');
    answering('/revoke', ...gone);
    expect(await telling.revoke(as(), client, tokens())).toBe('failed');
    expect(warned).toHaveLength(1);
  });

  it('needs no access token’s revocation where the server knows only refresh tokens (§2.2.1)', async () => {
    const unknown: Answer = [400, { error: 'unsupported_token_type' }];
    expect((await revoked(gone, unknown)).outcome).toBe('revoked');
    answering('/revoke', ...unknown);
    expect(await oauth.revoke(as(), client, tokens({ refreshToken: null }))).toBe('unsupported');
  });

  it('is not complete when only the access token is revoked, since the refresh token still works', async () => {
    const unknown: Answer = [400, { error: 'unsupported_token_type' }];
    expect((await revoked(unknown, gone)).outcome).toBe('unsupported');
  });

  it('sends nothing for a token that is not there', async () => {
    const captured = answering('/revoke', 200, '');
    expect(await oauth.revoke(as(), client, tokens({ refreshToken: null }))).toBe('revoked');
    expect(captured.map(({ body }) => body.token)).toEqual(['old-access']);
  });

  it('is not supported where the provider has no such endpoint', async () => {
    expect(await oauth.revoke(legacy, client, tokens())).toBe('unsupported');
  });

  it('says nothing of the secret when no request can carry it', async () => {
    const odd = { id: 'oriel', secret: new Secret('geheim-ü') };
    expect(await oauth.revoke(as(), odd, tokens())).toBe('failed');
    const refreshed = await oauth.refresh(as(), odd, tokens(), 'https://oriel.example/cb');
    expect(refreshed).toEqual({ kind: 'invalid-client', code: 'client-unusable' });
  });
});
