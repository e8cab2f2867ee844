import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { grantMark } from '../../../../src/connect/tokens/clients.js';
import type { AuditEvent } from '../../../../src/domain/audit-event.js';
import { Secret } from '../../../../src/domain/secret.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { systemClock, systemDigest } from '../../../../src/server/node-system.js';
import { openStores } from '../../../../src/store/open-stores.js';
import type { Stores } from '../../../../src/store/stores.js';
import { accessOf } from '../../../upstream/setting.js';
import { type Answering, type StubServer, says, stubServer } from '../../../upstream/stub-server.js';
import { client, dryRuns, lineOf, record, redirectUri } from './dry-run-setup.js';
import { asked, error, signIn } from './wrong-server.js';

const CONNECTED = Date.UTC(2026, 4, 7, 9, 30);
const provider = 'example';
const changed: AuditEvent = { action: 'provider.changed', by: { kind: 'system' }, outcome: 'done', provider };
const reloaded: AuditEvent = { action: 'configuration.reloaded', by: { kind: 'system' }, outcome: 'done' };

let stub: StubServer;
let stores: Stores;
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(() => stub.close());
beforeEach(async () => {
  const key = new Secret(Buffer.alloc(32, 'k').toString('base64url'));
  stores = await openStores({ url: 'sqlite::memory:', keys: [{ id: 'k', key }], clock: systemClock });
});
afterEach(() => stores.close());

/** A server that signs people in first, and has one answer to all that is made up. */
const tellsNothing =
  (token: Answering): Answering =>
  (request, response) => {
    const { pathname } = asked(request);
    const answer = pathname === '/authorize' ? signIn : pathname === '/token' ? token : says(200, '{"id":7}');
    answer(request, response);
  };

/** What the tokens say of the record by which they were granted. */
const markOf = (clientId: string, given: Partial<Provider>): string =>
  grantMark(
    { digest: systemDigest, stores: { fingerprints: { of: (secret) => secret } } },
    { provider: record(stub.origin, { id: provider, ...given }), client: { ...client, id: clientId } },
    redirectUri(provider),
  );

const linesWith = async (
  connection: { clientId: string; flowStartedAt: number } | null,
  token: Answering,
  grantedWith: Partial<Provider> = {},
) => {
  stub.answers(tellsNothing(token));
  const access =
    connection === null
      ? null
      : ({
          kind: 'access',
          access: { ...accessOf('ada', connection), grantedBy: markOf(connection.clientId, grantedWith) },
        } as const);
  const runs = dryRuns({ timeLimit: 400, log: stores.audit, ...(access !== null && { own: access }) });
  try {
    return await runs.lines(record(stub.origin, { id: provider }));
  } finally {
    await runs.close();
  }
};
const ours = { clientId: client.id, flowStartedAt: CONNECTED };
const wrongCode = error('invalid_grant');

describe('A dry run of a server that tells nothing to what is made up', () => {
  it.each([
    ['one answer to every code and secret', wrongCode],
    ['no answer to any of it but that it is no request', error('invalid_request')],
  ])('passes by what your own connection showed, with %s', async (_, token) => {
    await stores.audit.append(changed, CONNECTED - 1);
    const lines = await linesWith(ours, token);
    for (const code of ['authorization_proved', 'token_proved'] as const) {
      const line = lineOf(lines, code);
      expect([line.light, line.about]).toEqual(['green', 'client']);
      expect(line.cause).toContain('You connected at May 7, 2026 at 9:30 AM UTC');
    }
  });

  it.each([
    ['you have none', null, []],
    ['it was made with another client id', { ...ours, clientId: 'another' }, []],
    ['the record was changed since', ours, [changed]],
    ['the configuration file was loaded again since', ours, [reloaded]],
  ] as const)('does not pass by your own connection where %s', async (_, connection, since) => {
    for (const event of since) await stores.audit.append(event, CONNECTED + 1);
    const lines = await linesWith(connection, wrongCode);
    expect(lineOf(lines, 'authorization_signs_in').light).toBe('yellow');
    expect(lineOf(lines, 'token_does_not_tell').light).toBe('yellow');
  });

  it.each<[string, () => Partial<Provider>]>([
    ['token endpoint', () => ({ tokenEndpoint: `${stub.origin}/elsewhere` })],
    ['authorization endpoint', () => ({ authorizationEndpoint: `${stub.origin}/elsewhere` })],
    ['API', () => ({ api: `${stub.origin}/elsewhere` })],
    ['way of authenticating', () => ({ clientAuthentication: 'body' })],
  ])(
    'does not pass by your own connection where the record had another %s then, and the server was restarted',
    async (_, then) => {
      const lines = await linesWith(ours, wrongCode, then());
      expect(lineOf(lines, 'authorization_signs_in').light).toBe('yellow');
      expect(lineOf(lines, 'token_does_not_tell').light).toBe('yellow');
    },
  );

  it('stays red where your own connection worked, and the client is not known any more', async () => {
    const lines = await linesWith(ours, error('invalid_client', '', 401));
    expect(lineOf(lines, 'token_client').light).toBe('red');
  });
});
