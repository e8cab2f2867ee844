import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { alice, bob, github, HOUR, mingle } from '../../connect/world.js';
import { anOffice, type Office, ruth } from '../office.js';

const DAY = 24 * HOUR;

let office: Office;
beforeEach(async () => {
  office = await anOffice();
});
afterEach(() => office.stores.close());

const failing = async (code: string) => {
  office.clock.pass(HOUR);
  office.server.answers.push({ kind: 'unreachable', code });
  await new AccessTokens(office.ports).fresh(alice, github);
};

describe('Why tokens are not renewed', () => {
  it('is nothing where all is well', async () => {
    await office.connect('ada');
    expect(await office.refreshing.troubles()).toEqual([]);
  });

  it('is told of each provider: refused clients, lapsed Connections by reason, the latest failures', async () => {
    await office.connect('ada');
    await failing('http_503');
    await failing('timeout');
    const lapsed = await office.connect('bob', 'mingle', bob);
    await office.stores.connections.expire(lapsed, 'revoked');
    await office.stores.clientStops.stop('mingle', 'key', office.clock.now());
    await office.stores.clientStops.stop('mingle', 'other', office.clock.now() + 5);
    const troubles = await office.refreshing.troubles();
    const renewing = { what: 'renewing', times: 1, requestId: null };
    expect(troubles).toEqual([
      {
        provider: { id: 'github', name: 'GITHUB' },
        stoppedAt: null,
        reconnect: [],
        failures: [
          { ...renewing, at: office.clock.now(), code: 'timeout' },
          { ...renewing, at: office.clock.now() - HOUR, code: 'http_503' },
        ],
      },
      {
        provider: { id: 'mingle', name: 'MINGLE' },
        stoppedAt: office.clock.now(),
        reconnect: [{ reason: 'revoked', count: 1 }],
        failures: [],
      },
    ]);
  });

  it('forgets failures after a week', async () => {
    await office.connect('ada');
    await failing('timeout');
    office.clock.pass(7 * DAY + 1);
    expect(await office.refreshing.troubles()).toEqual([]);
  });
});

describe('Letting a stopped client ask again', () => {
  const refused = { kind: 'invalid-client', code: 'invalid_client' } as const;

  it('renews tokens from then on, and is written down', async () => {
    await office.connect('ada');
    await office.connect('bob', 'github', bob);
    office.clock.pass(HOUR);
    office.server.answers.push(refused, refused);
    const source = new AccessTokens(office.ports);
    expect((await source.fresh(alice, github)).kind).toBe('stopped');
    expect((await source.fresh(bob, github)).kind).toBe('stopped');
    expect(await office.refreshing.retry('github', ruth)).toBe(1);
    expect((await source.fresh(alice, github)).kind).toBe('access');
    expect((await office.logged()).at(-1)).toMatchObject({
      action: 'provider.retried',
      provider: 'github',
      actor: { name: 'Ruth' },
    });
  });

  it('is done for all providers, or for one alone', async () => {
    for (const { id } of [github, mingle]) await office.stores.clientStops.stop(id, id, office.clock.now());
    expect(await office.refreshing.retry('github', ruth)).toBe(1);
    expect(await office.stores.clientStops.list()).toMatchObject([{ provider: 'mingle' }]);
    expect(await office.refreshing.retry(null, ruth)).toBe(1);
    expect(await office.refreshing.retry(null, ruth)).toBe(0);
  });

  it('is refused for a provider that is not there, with those that are; but not for a stopped one that is gone', async () => {
    await expect(office.refreshing.retry('gitlab', ruth)).rejects.toMatchObject({
      code: 'provider_unknown',
      message: expect.stringContaining('github, mingle'),
    });
    await office.stores.clientStops.stop('gitlab', 'key', office.clock.now());
    expect(await office.refreshing.retry('gitlab', ruth)).toBe(1);
  });
});
