import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccessOutcome } from '../../../../src/connect/tokens/open-connection.js';
import { accessOf } from '../../../upstream/setting.js';
import { type Answering, type StubServer, says, stubServer } from '../../../upstream/stub-server.js';
import { dryRuns, record } from './dry-run-setup.js';

let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(() => stub.close());

const run = async (answering: Answering, own?: AccessOutcome) => {
  stub.answers(answering);
  const at = `${stub.origin}/api`;
  const pasted = {
    page: `${stub.origin}/tokens`,
    permissions: [],
    asksAccount: false,
    asksExpiry: true,
    expiresAt: null,
  };
  const endpoints = { authorizationEndpoint: at, tokenEndpoint: at, client: null };
  const account = { target: '/me', format: 'json', id: 'id', label: 'id' } as const;
  const runs = dryRuns({ timeLimit: 400, ...(own !== undefined && { own }) });
  const lines = await runs.lines(record(stub.origin, { pasted, ...endpoints, account }));
  await runs.close();
  return lines.map(({ code }) => code);
};

it.each([
  ['is good when a token of no one is rejected', 'api_asks_token', says(401, '{}')],
  ['is unsure when someone is named for it', 'api_open', says(200, '{"id":"guest"}')],
  ['is unsure when nothing is there', 'api_not_found', says(404, '{}')],
  [
    'is unsure when no one is named, as for a visitor',
    'api_does_not_tell',
    says(200, '{"isLoggedIn":false}'),
  ],
  ['is bad when the API is away', 'api_down', says(503, '')],
])('A dry run of a provider that people paste tokens for %s', async (_, code, answering) => {
  const codes = await run(answering);
  expect(codes).toContain(code);
  // Nothing that concerns a client, consent or the token endpoint.
  expect(
    codes.filter((each) => /^(client|authorization|token|revocation|redirect|metadata)_/.test(each)),
  ).toEqual([]);
  expect(codes.at(-1)).toBe('api_untried');
});

it('A dry run with the administrator’s own pasted token says whether the API takes it', async () => {
  const own = { kind: 'access', access: accessOf('ada') } as const;
  const codes = await run((request, response) => {
    const isOwn = request.headers.authorization === 'Bearer token-of-ada';
    says(isOwn ? 200 : 401, isOwn ? '{"id":"ada"}' : '{}')(request, response);
  }, own);
  expect(codes).toContain('api_asks_token');
  expect(codes).toContain('api_answers');
});
