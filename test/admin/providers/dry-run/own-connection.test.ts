import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessOutcome } from '../../../../src/connect/tokens/open-connection.js';
import type { Entry } from '../../../../src/domain/setup-record.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { accessOf } from '../../../upstream/setting.js';
import { type Answering, type StubServer, says, stubServer } from '../../../upstream/stub-server.js';
import { dryRuns, lineOf, record } from './dry-run-setup.js';

const own = { kind: 'access', access: accessOf('ada') } as const;
const account = { target: '/me', format: 'json', id: 'user.id', label: 'user.login' } as const;
let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(() => stub.close());

const api = async (
  answering: Answering,
  given: Partial<Provider> = {},
  outcome: AccessOutcome | null = own,
  more: { entry?: Entry } = {},
) => {
  stub.answers((request, response) =>
    (request.url?.startsWith('/api') ? answering : says(404, ''))(request, response),
  );
  const runs = dryRuns({ timeLimit: 400, ...(outcome !== null && { own: outcome }) });
  try {
    return await runs.lines(record(stub.origin, { account, ...given }), more);
  } finally {
    await runs.close();
  }
};

describe('A dry run with the administrator’s own connection says', () => {
  it.each([
    ['whose account it is', 'api_answers', says(200, '{"user":{"id":7,"login":"ada"}}')],
    ['that the account is not where the record looks', 'api_account_unreadable', says(200, '{"id":7}')],
    ['that the token is refused', 'api_token_refused', says(401, '{}')],
    ['that the person may not see it', 'api_forbidden', says(403, '{"message":"not on the team"}')],
    [
      'that a scope is missing',
      'api_forbidden',
      says(403, '{}', { 'www-authenticate': 'Bearer error="insufficient_scope"' }),
    ],
    ['that nothing is there', 'api_not_found', says(404, '{}')],
    ['that a sign-in page answers', 'api_unusable', says(200, '<html>', { 'content-type': 'text/html' })],
    [
      'that it leads elsewhere',
      'api_unusable',
      says(302, '', { location: 'https://elsewhere.example/login' }),
    ],
    ['that it does not work', 'api_down', says(503, '')],
    ['that it was asked too often', 'api_limited', says(429, '')],
  ] as const)('%s (%s)', async (_, code, answering) => {
    expect(lineOf(await api(answering), code).about).toBe(`${stub.origin}/api`);
  });

  it('that the API answers, when the provider cannot say whose account it is', async () => {
    const line = lineOf(await api(says(200, 'hello'), { account: 'none' }), 'api_answers');
    expect(line.sentence).not.toContain('whose');
  });

  it.each([
    ['a page', says(200, '<html>', { 'content-type': 'text/html' })],
    ['a redirect', says(302, '', { location: '/pipelines' })],
    ['nothing', says(404, '{}')],
  ])(
    'no more than that the API answers, where its own address alone can be asked and gives %s',
    async (_, answering) => {
      const line = lineOf(await api(answering, { account: 'none' }), 'api_does_not_tell');
      expect(line).toMatchObject({ light: 'yellow', fix: expect.stringContaining('preview') });
    },
  );

  it.each([
    null,
    { kind: 'none' },
    { kind: 'reconnect', reason: 'expired' },
    { kind: 'stopped', code: 'x' },
  ] as const)('how to try it, where there is none: %o', async (outcome) => {
    stub.requests.length = 0;
    const line = lineOf(await api(says(200, '{}'), {}, outcome), 'api_untried');
    expect(line).toMatchObject({ light: 'yellow', fix: expect.stringContaining('preview') });
    expect(stub.requests.filter(({ url }) => url?.startsWith('/api'))).toEqual([]);
  });

  it('nothing for a record that is not saved: a real token never goes to an address that was only typed in', async () => {
    stub.requests.length = 0;
    const lines = await api(says(200, '{"user":{"id":7}}'), {}, own, { entry: {} });
    expect(lineOf(lines, 'api_untried').light).toBe('yellow');
    expect(stub.requests.filter(({ url }) => url?.startsWith('/api'))).toEqual([]);
  });
});
