import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { alice, bob, github, HOUR, mingle } from '../../connect/connect-setup.js';
import { type AdminSetup, ruth, setUpAdmin } from '../admin-setup.js';

const DAY = 24 * HOUR;

let adminSetup: AdminSetup;
beforeEach(async () => {
  adminSetup = await setUpAdmin();
});
afterEach(() => adminSetup.stores.close());

const failing = async (code: string) => {
  adminSetup.clock.pass(HOUR);
  adminSetup.server.answers.push({ kind: 'unreachable', code });
  await new AccessTokens(adminSetup.ports).fresh(alice, github);
};

describe('Why tokens are not renewed', () => {
  it('is empty when all is well', async () => {
    await adminSetup.connect('ada');
    expect(await adminSetup.refreshing.troubles()).toEqual([]);
  });

  it('is reported for each provider: refused clients, lapsed Connections by reason, the latest failures', async () => {
    await adminSetup.connect('ada');
    await failing('http_503');
    await failing('timeout');
    const lapsed = await adminSetup.connect('bob', 'mingle', bob);
    await adminSetup.stores.connections.expire(lapsed, 'revoked');
    await adminSetup.stores.clientStops.stop('mingle', 'key', adminSetup.clock.now());
    await adminSetup.stores.clientStops.stop('mingle', 'other', adminSetup.clock.now() + 5);
    const troubles = await adminSetup.refreshing.troubles();
    const renewing = { what: 'renewing', times: 1, requestId: null };
    expect(troubles).toEqual([
      {
        provider: { id: 'github', name: 'GITHUB' },
        stoppedAt: null,
        reconnect: [],
        failures: [
          { ...renewing, at: adminSetup.clock.now(), code: 'timeout' },
          { ...renewing, at: adminSetup.clock.now() - HOUR, code: 'http_503' },
        ],
      },
      {
        provider: { id: 'mingle', name: 'MINGLE' },
        stoppedAt: adminSetup.clock.now(),
        reconnect: [{ reason: 'revoked', count: 1 }],
        failures: [],
      },
    ]);
  });

  it('forgets failures after a week', async () => {
    await adminSetup.connect('ada');
    await failing('timeout');
    adminSetup.clock.pass(7 * DAY + 1);
    expect(await adminSetup.refreshing.troubles()).toEqual([]);
  });
});

describe('Retrying with a stopped client', () => {
  const refused = { kind: 'invalid-client', code: 'invalid_client' } as const;

  it('renews tokens from then on, and is written down', async () => {
    await adminSetup.connect('ada');
    await adminSetup.connect('bob', 'github', bob);
    adminSetup.clock.pass(HOUR);
    adminSetup.server.answers.push(refused, refused);
    const source = new AccessTokens(adminSetup.ports);
    expect((await source.fresh(alice, github)).kind).toBe('stopped');
    expect((await source.fresh(bob, github)).kind).toBe('stopped');
    expect(await adminSetup.refreshing.retry('github', ruth)).toBe(1);
    expect((await source.fresh(alice, github)).kind).toBe('access');
    expect((await adminSetup.logged()).at(-1)).toMatchObject({
      action: 'provider.retried',
      provider: 'github',
      actor: { name: 'Ruth' },
    });
  });

  it('is done for all providers, or for one alone', async () => {
    for (const { id } of [github, mingle])
      await adminSetup.stores.clientStops.stop(id, id, adminSetup.clock.now());
    expect(await adminSetup.refreshing.retry('github', ruth)).toBe(1);
    expect(await adminSetup.stores.clientStops.list()).toMatchObject([{ provider: 'mingle' }]);
    expect(await adminSetup.refreshing.retry(null, ruth)).toBe(1);
    expect(await adminSetup.refreshing.retry(null, ruth)).toBe(0);
  });

  it('is refused for a provider that is not there, with those that are; but not for a stopped one that is gone', async () => {
    await expect(adminSetup.refreshing.retry('gitlab', ruth)).rejects.toMatchObject({
      code: 'provider_unknown',
      message: expect.stringContaining('github, mingle'),
    });
    await adminSetup.stores.clientStops.stop('gitlab', 'key', adminSetup.clock.now());
    expect(await adminSetup.refreshing.retry('gitlab', ruth)).toBe(1);
  });
});
