import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeChannel, judgeName } from '../../../../src/admin/providers/dry-run/reachability.js';
import { type StubServer, says, stubServer } from '../../../upstream/stub-server.js';
import { dryRuns, lineOf, record, redirectUri } from './dry-run-setup.js';

const runs = dryRuns({ timeLimit: 400 });
let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer(says(404, '{}'));
});
afterAll(async () => {
  await stub.close();
  await runs.close();
});

describe('A dry run says of a record', () => {
  it('that it has no client id and secret, and what to register', async () => {
    const { fix } = lineOf(await runs.lines(record(stub.origin, { client: null })), 'client_missing');
    expect(fix).toContain(redirectUri('mingle'));
  });

  it('that the entry does not say where people can end a connection', async () => {
    const lines = await runs.lines(record(stub.origin, { accountPage: null }));
    expect(lineOf(lines, 'revocation_nowhere').light).toBe('yellow');
  });

  it('that its metadata lacks what it does not say itself', async () => {
    const issuer = stub.origin;
    stub.answers(says(200, JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize` })));
    const { authorizationEndpoint: _a, tokenEndpoint: _t, ...draft } = record(issuer, { issuer });
    const lines = await runs.lines({ kind: 'discover', issuer, draft });
    expect(lineOf(lines, 'metadata_incomplete').cause).toContain('token_endpoint');
  });

  it('that its issuer cannot be reached, and tries nothing else', async () => {
    const issuer = 'https://nowhere.invalid';
    const { authorizationEndpoint: _a, tokenEndpoint: _t, ...draft } = record(issuer, { issuer });
    expect(await runs.faults({ kind: 'discover', issuer, draft })).toEqual([
      'name_unknown',
      'metadata_unreadable',
    ]);
  });
});

describe('What cannot be provoked in a test', () => {
  it('is reported all the same', () => {
    const reach = { allowAddresses: [], certificates: [] };
    expect(judgeName('https://a.example', { kind: 'timeout' }, reach).code).toBe('name_unanswered');
    const none = { kind: 'none', reason: 'unreachable', code: 'EHOSTUNREACH' } as const;
    expect(judgeChannel('https://a.example', none, 0).code).toBe('connection_impossible');
    const odd = { kind: 'untrusted', fault: 'other', named: true, code: 'CERT_REVOKED', chain: [] } as const;
    expect(judgeChannel('https://a.example', odd, 0)).toMatchObject({
      code: 'certificate_unusable',
      cause: expect.stringContaining('CERT_REVOKED'),
    });
  });
});

describe('Of an untrusted chain, a dry run offers', () => {
  const now = 1_800_000_000_000;
  const until = (days: number) => ({
    subject: `CN=${days}`,
    issuer: 'CN=top',
    names: ['a.example'],
    from: now - 90 * 86_400_000,
    until: now + days * 86_400_000,
    sha256: String(days),
    sha1: '',
    pem: '',
  });
  const judged = (...days: readonly number[]) =>
    judgeChannel(
      'https://a.example',
      {
        kind: 'untrusted',
        fault: 'unknown-authority',
        named: true,
        code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        chain: days.map(until),
      },
      now,
    );

  it('its own certificate and its authority’s, but no expired one', () => {
    expect(judged(30, 60, 90).trustable.map(({ subject }) => subject)).toEqual(['CN=30', 'CN=90']);
    expect(judged(30, -1).trustable.map(({ subject }) => subject)).toEqual(['CN=30']);
  });

  it('nothing where its own certificate has expired besides, since trust would not help', () => {
    expect(judged(-1, 90)).toMatchObject({
      code: 'certificate_untrusted',
      sentence: expect.stringContaining('Besides: Its certificate has expired.'),
      fix: expect.stringContaining('would not help'),
      trustable: [],
    });
  });
});
