import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../../src/domain/audit-event.js';
import { Secret } from '../../../../src/domain/secret.js';
import { viewerOf } from '../../../../src/domain/viewer.js';
import { systemClock } from '../../../../src/server/node-system.js';
import { openStores } from '../../../../src/store/open-stores.js';
import type { Stores } from '../../../../src/store/stores.js';
import { type StubServer, says, stubServer } from '../../../upstream/stub-server.js';
import { dryRuns, lineOf, record } from './dry-run-setup.js';

const viewer = viewerOf('gocd', 'ada');
const by = { kind: 'viewer', viewer } as const;
const provider = 'example';
const failed = (cause: string): AuditEvent => ({
  action: 'flow.refused',
  by,
  outcome: 'failed',
  provider,
  code: 'provider_down',
  changes: [{ path: 'cause', before: null, after: cause }],
  requestId: 'request-7',
});
const connected: AuditEvent = { action: 'flow.finished', by, outcome: 'done', provider };
const changed: AuditEvent = { action: 'provider.changed', by, outcome: 'done', provider };
const observed = (iss: string): AuditEvent => ({
  action: 'provider.issuer-observed',
  by: { kind: 'system' },
  outcome: 'done',
  provider,
  changes: [{ path: 'iss', before: null, after: iss }],
});

let stub: StubServer;
beforeAll(async () => {
  stub = await stubServer(says(404, ''));
});
afterAll(() => stub.close());

const linesAfter = async (events: readonly AuditEvent[], issuer: string | null = null) => {
  const key = new Secret(Buffer.alloc(32, 'k').toString('base64url'));
  const stores: Stores = await openStores({
    url: 'sqlite::memory:',
    keys: [{ id: 'k', key }],
    clock: systemClock,
  });
  const runs = dryRuns({ timeLimit: 2_000, log: stores.audit });
  try {
    for (const event of events) await stores.audit.append(event, systemClock.now());
    return await runs.lines(record(stub.origin, { id: provider, issuer }));
  } finally {
    await runs.close();
    await stores.close();
  }
};

describe('A dry run after people tried to connect', () => {
  it.each([
    ['token-type-unknown', 'tokenType: any'],
    ['json-syntax at 17', 'tokenEndpoint'],
    ['html', 'tokenEndpoint'],
    ['redirected to https://as.example/token/', 'tokenEndpoint'],
    ['account: redirect to https://as.example/me/', 'account.target'],
    ['account: status-403', 'account'],
    ['iss-differs', 'issuer'],
    ['http-418', 'request id'],
  ])('is red after %s, and says what to do', async (cause, advice) => {
    const line = lineOf(await linesAfter([connected, failed(cause)]), 'connecting_failed');
    expect(line.light).toBe('red');
    expect(line.cause).toContain(`provider_down: ${cause} (request request-7)`);
    expect(line.fix).toContain(advice);
  });

  it.each([
    ['someone connected since', [failed('html'), connected]],
    ['the record was changed since', [failed('html'), changed]],
    ['they said no', [{ ...failed('denied'), outcome: 'refused' }]],
    ['they took too long', [{ ...failed('x'), code: 'expired' }]],
  ] as const)('does not hold against it that one failed where %s', async (_, events) => {
    const codes = (await linesAfter(events)).map(({ code }) => code);
    expect(codes).not.toContain('connecting_failed');
  });

  it('names the issuer that answers carry, where the record names none', async () => {
    const iss = 'https://github.example/login/oauth';
    expect(lineOf(await linesAfter([observed(iss)]), 'issuer_observed').fix).toContain(`issuer: ${iss}`);
    const known = (await linesAfter([observed(iss)], iss)).map(({ code }) => code);
    expect(known).not.toContain('issuer_observed');
  });

  it('is not red because an issuer that is only compared publishes nothing, nor has a name of its own', async () => {
    const issuer = 'https://nowhere.invalid/login/oauth';
    const before = await linesAfter([], issuer);
    expect(lineOf(before, 'metadata_absent').light).toBe('yellow');
    expect(before.filter(({ about, light }) => about.includes('nowhere') && light === 'red')).toEqual([]);
    expect(lineOf(await linesAfter([connected], issuer), 'metadata_unneeded').light).toBe('green');
  });
});
