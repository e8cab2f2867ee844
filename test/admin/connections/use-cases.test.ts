import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { Connection } from '../../../src/domain/connection.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { alice, bob, github, HOUR } from '../../connect/connect-setup.js';
import { connect, newFlow } from '../../store/fixtures.js';
import { type AdminSetup, ruth, setUpAdmin } from '../admin-setup.js';

let adminSetup: AdminSetup;
beforeEach(async () => {
  adminSetup = await setUpAdmin();
});
afterEach(() => adminSetup.stores.close());

const everything = async () => (await adminSetup.connections.list({}, null)).connections;

describe('The list of who is connected', () => {
  it('says who, with whose account, for what, since when and by which gadgets', async () => {
    const connection = await adminSetup.connect('ada');
    await adminSetup.stores.connectionLists.used(connection.id, 'reviews', adminSetup.clock.now());
    await adminSetup.stores.connectionLists.used(
      connection.id,
      'removed-gadget',
      adminSetup.clock.now() - HOUR,
    );
    expect(await everything()).toEqual([
      {
        id: connection.id,
        provider: { id: 'github', name: github.name },
        host: { id: 'gocd', name: 'GoCD' },
        sub: alice.sub,
        company: null,
        account: connection.account,
        scopes: connection.scopes,
        status: 'active',
        reason: null,
        createdAt: connection.createdAt,
        lastUsedAt: connection.lastUsedAt,
        facts: {},
        atEnd: 'asked',
        uses: [
          { gadget: 'reviews', title: 'Reviews', lastUsedAt: adminSetup.clock.now() },
          { gadget: 'removed-gadget', title: 'removed-gadget', lastUsedAt: adminSetup.clock.now() - HOUR },
        ],
      },
    ]);
  });

  it('never holds a token, a generation or a version', async () => {
    await adminSetup.connect('ada');
    const text = JSON.stringify(await everything());
    expect(text).not.toMatch(/access-|refresh-|generation|version|lease|flow/);
  });

  it('is empty when no one is connected', async () => {
    expect(await adminSetup.connections.list({}, null)).toEqual({ connections: [], next: null });
    expect(await adminSetup.connections.counts()).toEqual([]);
  });

  it('comes in pages of fifty, each Connection once', async () => {
    for (let n = 0; n < 51; n += 1) await adminSetup.connect(`a${n}`, 'mingle', viewerOf('gocd', `v${n}`));
    const first = await adminSetup.connections.list({ provider: 'mingle' }, null);
    const second = await adminSetup.connections.list({ provider: 'mingle' }, first.next);
    expect([first.connections.length, second.connections.length, second.next]).toEqual([50, 1, null]);
    expect(new Set([...first.connections, ...second.connections].map(({ sub }) => sub)).size).toBe(51);
  });

  it('calls providers and hosts that are gone by their ids', async () => {
    await adminSetup.connect('ada');
    adminSetup.declared.withdraw('github');
    expect((await everything())[0]?.provider).toEqual({ id: 'github', name: 'github' });
  });
});

describe('Revoking a Connection as an administrator', () => {
  let connection: Connection;
  beforeEach(async () => {
    connection = await adminSetup.connect('ada');
    await adminSetup.connect('bob', 'github', bob);
  });

  it('ends it, notifies the provider, says so, and leaves everyone else’s', async () => {
    const revocation = await adminSetup.connections.revoke(connection.id, ruth);
    expect(revocation).toEqual({
      outcome: 'revoked',
      message: `Disconnected, and ${github.name} revoked the permission.`,
    });
    expect(adminSetup.server.asked('revoke')).toBe(1);
    const source = new AccessTokens(adminSetup.ports);
    expect((await source.fresh(alice, github)).kind).toBe('none');
    expect((await source.fresh(bob, github)).kind).toBe('access');
  });

  it('is written down with who did it', async () => {
    await adminSetup.connections.revoke(connection.id, ruth);
    const [entry] = (await adminSetup.logged()).filter(({ action }) => action === 'connection.disconnected');
    expect(entry).toMatchObject({ actor: { kind: 'admin', name: 'Ruth' }, provider: 'github', host: 'gocd' });
    expect(entry?.person).not.toContain(alice.sub);
  });

  it('says honestly that the provider offers no way, or could not be notified', async () => {
    const silent = await adminSetup.connect('ada', 'mingle');
    expect(await adminSetup.connections.revoke(silent.id, ruth)).toMatchObject({
      outcome: 'unsupported',
      message: expect.stringContaining('has no way'),
    });
    adminSetup.server.revocation = 'failed';
    expect(await adminSetup.connections.revoke(connection.id, ruth)).toMatchObject({
      outcome: 'kept',
      message: expect.stringContaining('retry for a week'),
    });
    await expect(adminSetup.connections.revoke(connection.id, ruth)).rejects.toMatchObject({
      code: 'connection_unknown',
    });
  });

  it('refuses what does not exist', async () => {
    const gone = { code: 'connection_unknown' };
    await expect(adminSetup.connections.revoke('nothing', ruth)).rejects.toMatchObject(gone);
    await expect(adminSetup.connections.get('nothing')).rejects.toMatchObject(gone);
  });
});

describe('Revoking all Connections of a provider or a host', () => {
  it('starts a bulk disconnect in the name of the administrator who asked for it', async () => {
    await adminSetup.connect('ada');
    await adminSetup.connect('bob', 'github', bob);
    await adminSetup.connect('ada', 'mingle');
    const bulkDisconnect = await adminSetup.connections.revokeAll({ provider: 'github' }, ruth);
    expect(bulkDisconnect).toMatchObject({
      leaver: { kind: 'connections', provider: 'github', host: null },
      total: 2,
      startedBy: 'Ruth',
    });
    expect(await adminSetup.stores.bulkDisconnects.unfinished()).toHaveLength(1);
    expect((await adminSetup.logged()).at(-1)).toMatchObject({
      action: 'connection.all-disconnected',
      actor: { kind: 'admin', id: 'a1', name: 'Ruth' },
      provider: 'github',
      host: null,
      subject: bulkDisconnect.id,
    });
  });

  it('is refused for an unknown name, and allowed when only Connections still have it', async () => {
    await adminSetup.connect('ada');
    for (const [named, code] of [
      [{ provider: 'githbu' }, 'provider_unknown'],
      [{ host: 'gocdd' }, 'host_unknown'],
      [{ provider: 'github', host: 'gocdd' }, 'host_unknown'],
    ] as const)
      await expect(adminSetup.connections.revokeAll(named, ruth)).rejects.toMatchObject({ code });
    expect(await adminSetup.stores.bulkDisconnects.latest(9)).toEqual([]);
    await connect(adminSetup.stores, newFlow('left', { provider: 'gone', viewer: viewerOf('away', 'ada') }));
    expect(await adminSetup.connections.revokeAll({ provider: 'gone' }, ruth)).toMatchObject({ total: 1 });
    expect(await adminSetup.connections.revokeAll({ host: 'away' }, ruth)).toMatchObject({ total: 1 });
  });

  it('is refused without a filter: no one disconnects everything by accident', async () => {
    await adminSetup.connect('ada');
    await expect(adminSetup.connections.revokeAll({}, ruth)).rejects.toMatchObject({ code: 'body_invalid' });
    expect(await adminSetup.stores.bulkDisconnects.latest(9)).toEqual([]);
  });
});
