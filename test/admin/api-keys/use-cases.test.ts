import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authenticateApiKey,
  createApiKey,
  listApiKeys,
  revokeApiKey,
} from '../../../src/admin/api-keys/use-cases.js';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { Secret } from '../../../src/domain/secret.js';
import { type ConnectSetup, setUpConnect } from '../../connect/connect-setup.js';

const DAY = 24 * 60 * 60_000;
const by = { kind: 'admin', id: 'a', name: 'ann' } as const;

describe('An API key', () => {
  let setup: ConnectSetup;
  let deps: ConnectSetup['ports'];
  let events: AuditEvent[];

  beforeEach(async () => {
    setup = await setUpConnect();
    events = [];
    const audit = { record: async (event: AuditEvent) => void events.push(event) };
    deps = { ...setup.ports, audit };
  });
  afterEach(() => setup.stores.close());

  const create = (wanted: object = {}) =>
    createApiKey(deps, { name: 'nightly', scopes: ['audit:read'], days: 90, ...wanted }, by);

  it('says who calls, and notes that it was used', async () => {
    const { key, secret } = await create();
    expect(secret.reveal()).toMatch(/^oriel_[\w-]{43}$/);
    const { key: found, actor } = await authenticateApiKey(deps, secret);
    expect(actor).toEqual({ kind: 'api-key', id: key.id, name: 'nightly' });
    expect(found.scopes).toEqual(['audit:read']);
    expect((await listApiKeys(deps))[0]?.lastUsedAt).toBe(setup.clock.now());
  });

  it('is kept as a hash and never shown again', async () => {
    const { secret } = await create();
    expect(JSON.stringify([await listApiKeys(deps), events])).not.toContain(secret.reveal());
    expect(events).toMatchObject([{ action: 'api-key.created', by: { name: 'ann' } }]);
  });

  it.each([null, 'x', 'oriel_', `oriel_${'a'.repeat(43)}`, `Bearer oriel_${'a'.repeat(43)}`])(
    'is not %j',
    async (given) => {
      await create();
      const code = given === null ? 'api_key_missing' : 'api_key_invalid';
      await expect(authenticateApiKey(deps, given === null ? null : new Secret(given))).rejects.toMatchObject(
        {
          code,
        },
      );
    },
  );

  it('is attributed to the administrator who made it, also through another key, and to no one when a command made it', async () => {
    const { key } = await create();
    const actor = { kind: 'api-key', id: key.id, name: key.name } as const;
    const wanted = { name: 'made by a key', scopes: ['audit:read'], days: 1 };
    const { key: second } = await createApiKey(deps, wanted, actor);
    const { key: third } = await createApiKey(deps, wanted, { kind: 'command', name: 'ann' });
    expect([key, second, third].map((each) => [each.createdBy, each.createdByAdmin])).toEqual([
      ['ann', 'a'],
      ['nightly', 'a'],
      ['ann', null],
    ]);
  });

  it('stops working once it expired or was revoked', async () => {
    const { secret } = await create({ days: 1 });
    setup.clock.pass(DAY - 1);
    await authenticateApiKey(deps, secret);
    setup.clock.pass(1);
    await expect(authenticateApiKey(deps, secret)).rejects.toMatchObject({ code: 'api_key_invalid' });
    const { key, secret: other } = await create();
    await revokeApiKey(deps, key.id, by);
    await expect(authenticateApiKey(deps, other)).rejects.toMatchObject({ code: 'api_key_invalid' });
    await expect(revokeApiKey(deps, key.id, by)).rejects.toMatchObject({ code: 'api_key_unknown' });
  });

  it.each([
    { name: '' },
    { name: ' x' },
    { name: 'x'.repeat(81) },
    { scopes: [] },
    { scopes: ['audit:read', 'everything'] },
    { days: 0 },
    { days: 366 },
    { days: 1.5 },
    { days: Number.NaN },
  ])('is not made of %j', async (wanted) => {
    await expect(create(wanted)).rejects.toMatchObject({ code: 'body_invalid' });
    expect(await listApiKeys(deps)).toEqual([]);
  });
});
