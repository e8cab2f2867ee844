import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/domain/secret.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { type OidcServer, startOidc } from '../../../support/oidc.js';
import { dryRuns, lineOf, redirectUri } from './dry-run-setup.js';

const runs = dryRuns();
let oidc: OidcServer;
let body: OidcServer;
beforeAll(async () => {
  oidc = await startOidc({ redirectUris: [redirectUri('oidc')] });
  body = await startOidc({ redirectUris: [redirectUri('oidc')], clientAuthentication: 'body' });
});
afterAll(async () => {
  await oidc.close();
  await body.close();
  await runs.close();
});

const scopes = ['openid', 'profile', 'offline_access'];
const right = (given: Partial<Provider> = {}): Provider => oidc.provider({ scopes, ...given });

describe('A dry run against a certified authorization server', () => {
  it.each(['basic', 'body'] as const)('is green with credentials by %s, but for the API', async (how) => {
    const lines = await runs.lines(how === 'basic' ? right() : body.provider({ scopes }));
    expect(lines.filter(({ light }) => light !== 'green').map(({ code }) => code)).toEqual(['api_untried']);
    expect(lines.map(({ code }) => code)).toEqual([
      'name_resolves',
      'channel_plain',
      'metadata_agrees',
      'scopes_listed',
      'authorization_accepted',
      'token_accepted',
      'revocation_works',
      'api_untried',
    ]);
  });

  it('is the same of a record that knows only the issuer', async () => {
    const { authorizationEndpoint: _a, tokenEndpoint: _t, revocation: _r, ...draft } = right();
    const faults = await runs.faults({ kind: 'discover', issuer: oidc.issuer, draft });
    expect(faults).toEqual(['api_untried']);
  });

  const wrong = { id: 'oriel', secret: new Secret('mistyped') };
  it.each<readonly [string, readonly string[], Partial<Provider>]>([
    [
      'a wrong client id',
      ['authorization_client', 'token_client', 'revocation_client'],
      { client: { ...wrong, id: 'nobody' } },
    ],
    ['a wrong secret', ['token_client', 'revocation_client'], { client: wrong }],
    ['another redirect URI', ['authorization_redirect_uri'], { id: 'renamed' }],
    ['a scope it does not know', ['scope_unlisted'], { scopes: [...scopes, 'cards.read'] }],
    ['no refresh tokens asked for', ['offline_access_unasked'], { scopes: ['openid'] }],
    ['PKCE turned off', ['pkce_unused', 'authorization_refused'], { pkce: 'none' }],
    ['no `iss` insisted on', ['iss_unrequired'], { issRequired: false }],
    ['no revocation, which it offers', ['revocation_unused'], { revocation: { kind: 'none' } }],
    [
      'a grant type it does not know',
      ['grant_unsupported', 'token_grant_type'],
      { grantTypes: { authorizationCode: 'authorization-code', refreshToken: 'refresh_token' } },
    ],
  ])('with %s says %j', async (_, codes, given) => {
    expect(await runs.faults(right(given))).toEqual([...codes, 'api_untried']);
  });

  it.each([
    ['token', { tokenEndpoint: '/nothing' }, 'token_not_found'],
    ['authorization', { authorizationEndpoint: '/nothing' }, 'authorization_not_found'],
  ])('with a wrong %s endpoint says so, and that the metadata differs', async (_, given, code) => {
    const moved = Object.fromEntries(Object.entries(given).map(([name, path]) => [name, oidc.issuer + path]));
    const lines = await runs.lines(right(moved));
    expect(lineOf(lines, 'endpoint_differs').cause).toContain(`${oidc.issuer}/nothing`);
    expect(lineOf(lines, code as never).light).toBe('red');
  });

  it('with an issuer under another name says so', async () => {
    const { authorizationEndpoint: _a, tokenEndpoint: _t, revocation: _r, ...draft } = right();
    const issuer = `${oidc.issuer}/`;
    const lines = await runs.lines({ kind: 'discover', issuer, draft: { ...draft, issuer } });
    expect(lineOf(lines, 'metadata_unreadable').cause).toContain('it names another issuer');
    expect(await runs.faults(right({ issuer }))).toContain('metadata_absent');
  });
});

it('A dry run against a server with an account for each host tries each registration', async () => {
  const lines = await runs.lines(
    right({ clients: { wiki: { id: 'oriel', secret: new Secret('mistyped') } } }),
  );
  expect(lineOf(lines, 'token_accepted').about).toBe('client');
  expect(lineOf(lines, 'token_client').about).toBe('client of host wiki');
});

it('A dry run for one host tries the registration in force there', async () => {
  const provider = right({ clients: { wiki: { id: 'oriel', secret: new Secret('mistyped') } } });
  const abouts = async (host: string) =>
    (await runs.lines(provider, { host })).flatMap(({ about }) =>
      about.startsWith('client') ? [about] : [],
    );
  expect(new Set(await abouts('wiki'))).toEqual(new Set(['client of host wiki']));
  expect(new Set(await abouts('gocd'))).toEqual(new Set(['client']));
});
