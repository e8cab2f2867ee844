import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/domain/secret.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { startGocd } from '../../../demo/gocd/start-gocd.js';
import { startMingle } from '../../../demo/mingle/start-mingle.js';
import { providerOf } from '../../../providers/one-provider.js';
import { client, dryRuns, lineOf, redirectUri, SECRET } from './dry-run-setup.js';

const runs = dryRuns();
const seeded = { name: 'Oriel', redirectUri: redirectUri('it'), id: client.id, secret: SECRET };
let close: readonly (() => unknown)[] = [];
let providers: Readonly<Record<'Mingle' | 'GoCD', Provider>>;
beforeAll(async () => {
  const mingle = await startMingle({ clients: [seeded] });
  const gocd = await startGocd({
    clients: [seeded],
    mingle: mingle.url,
    oriel: { gadgetOrigin: 'http://127.0.0.1:1', secret: 'x'.repeat(43) },
  });
  close = [runs.close, mingle.close, gocd.close];
  const entry = {
    client: { id: client.id, secret: SECRET },
    allowAddresses: ['127.0.0.0/8', '::1/128'],
  };
  providers = {
    Mingle: providerOf({ preset: 'mingle', url: mingle.url, ...entry }),
    GoCD: providerOf({ preset: 'gocd', url: `${gocd.url}/go`, ...entry }),
  };
});
afterAll(async () => {
  for (const each of close) await each();
});

describe.each(['Mingle', 'GoCD'] as const)('A dry run against %s', (which) => {
  it('is green except for what only a signed-in person can check', async () => {
    const lines = await runs.lines(providers[which]);
    expect(lines.filter(({ light }) => light !== 'green').map(({ code }) => code)).toEqual([
      'authorization_signs_in',
      'api_untried',
    ]);
    expect(lineOf(lines, 'token_accepted').cause).toContain('invalid-grant');
    expect(lineOf(lines, 'redirect_uri_registered').light).toBe('green');
    expect(lineOf(lines, 'revocation_none').cause).toContain('/oauth/user_tokens');
  });

  it.each<readonly [string, string, (right: Provider) => Partial<Provider>]>([
    ['a wrong secret', 'token_client', () => ({ client: { ...client, secret: new Secret('mistyped') } })],
    ['a wrong client id', 'token_client', () => ({ client: { ...client, id: 'mistyped' } })],
    ['another redirect URI registered', 'redirect_uri_mismatch', () => ({ id: 'renamed' })],
    [
      'grant types as the RFC writes them',
      'token_grant_type',
      () => ({ grantTypes: { authorizationCode: 'authorization_code', refreshToken: 'refresh_token' } }),
    ],
    ['credentials in a header it does not read', 'token_client', () => ({ clientAuthentication: 'basic' })],
    [
      'a token endpoint that is not there',
      'token_not_found',
      ({ tokenEndpoint }) => ({ tokenEndpoint: tokenEndpoint.replace('/oauth/token', '/nothing/token') }),
    ],
    [
      'an authorization endpoint that is not there',
      'authorization_not_found',
      ({ authorizationEndpoint }) => ({
        authorizationEndpoint: authorizationEndpoint.replace('/oauth/authorize', '/nothing/authorize'),
      }),
    ],
  ])('with %s says %s', async (_, code, change) => {
    const right = providers[which];
    const line = lineOf(await runs.lines({ ...right, ...change(right) }), code as never);
    expect(line.light).toBe('red');
    expect(line.fix).not.toBeNull();
  });

  it('names the exact redirect URI to register', async () => {
    const lines = await runs.lines({ ...providers[which], id: 'renamed' });
    expect(lineOf(lines, 'redirect_uri_mismatch')).toMatchObject({
      cause: expect.stringContaining('Redirect uri mismatch!'),
      fix: expect.stringContaining(redirectUri('renamed')),
    });
  });

  it('works without a preset', async () => {
    const lines = await runs.lines({ ...providers[which], errorCodes: {} });
    expect(lineOf(lines, 'token_accepted').light).toBe('green');
  });
});
