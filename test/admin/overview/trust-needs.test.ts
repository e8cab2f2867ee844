import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM } from '../../../src/domain/actor.js';
import { HOUR } from '../../connect/connect-setup.js';
import { type AdminSetup, setUpAdmin } from '../admin-setup.js';

const DAY = 24 * HOUR;

let adminSetup: AdminSetup;
beforeEach(async () => {
  adminSetup = await setUpAdmin();
});
afterEach(() => adminSetup.stores.close());

const needs = async () => (await adminSetup.overview()).attention;

describe('What needs an administrator because of trusted certificates', () => {
  const admit = (id: string) =>
    adminSetup.stores.admins.admit({ id, name: id, issuer: 'https://idp.example', subject: id, now: 0 });
  const key = async (id: string, createdByAdmin: string | null) =>
    adminSetup.stores.apiKeys.create({
      id,
      name: `key ${id}`,
      scopes: ['audit:read'],
      secretHash: id,
      createdAt: adminSetup.clock.now(),
      createdBy: 'Ann',
      createdByAdmin,
      expiresAt: adminSetup.clock.now() + DAY,
    });

  it('is an API key whose administrator was removed, until it is revoked or expires', async () => {
    await admit('ann');
    await admit('bob');
    await key('1', 'ann');
    await key('2', 'ann');
    await key('3', 'bob');
    await key('4', null);
    expect(await needs()).toEqual([]);
    await adminSetup.stores.admins.remove('ann');
    const found = await needs();
    expect(found.map(({ kind, code, message }) => [kind, code, message.slice(0, 17)]).toSorted()).toEqual([
      ['warning', 'api_key_orphaned', 'The API key key 1'],
      ['warning', 'api_key_orphaned', 'The API key key 2'],
    ]);
    expect(found[0]).toMatchObject({ to: { kind: 'api-keys' }, message: expect.stringContaining('by Ann') });
    await adminSetup.stores.apiKeys.revoke('1', adminSetup.clock.now());
    expect(await needs()).toHaveLength(1);
    adminSetup.clock.pass(DAY);
    expect(await needs()).toEqual([]);
  });

  it('is an audit log that lacks entries, how many and since when, for a week', async () => {
    const since = adminSetup.clock.now();
    const interrupted = { action: 'audit.interrupted', by: SYSTEM, outcome: 'failed' } as const;
    await adminSetup.stores.audit.append({ ...interrupted, times: 3 }, since);
    await adminSetup.stores.audit.append({ ...interrupted, times: 4 }, since + HOUR);
    adminSetup.clock.pass(2 * HOUR);
    expect(await needs()).toMatchObject([
      {
        kind: 'warning',
        code: 'audit_interrupted',
        message: expect.stringContaining('7 entries of the audit log'),
        to: { kind: 'audit' },
        since,
      },
    ]);
    adminSetup.clock.pass(7 * DAY);
    expect(await needs()).toEqual([]);
  });
});
