import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import {
  disconnectAsAdministrator,
  disconnectOwnConnection,
  disconnectViewer,
} from '../../../src/connect/ending/disconnect.js';
import { sweepUnused } from '../../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { listConnections } from '../../../src/connect/viewers-connections.js';
import { alice, Browser, bob, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { LazyServer, untilExpired } from '../lazy-server.js';
import { stepsOf } from '../steps.js';

const DAY = 24 * HOUR;
const UNUSED = 90 * DAY;

describe('Disconnect', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
  });
  afterEach(() => setup.stores.close());

  it('revokes at the provider, empties the cache and leaves nothing', async () => {
    const { id } = await steps.connect('ada');
    setup.purged.length = 0;
    expect(await disconnectViewer(setup.ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(setup.server.revoked).toEqual(['access-ada-1']);
    expect(setup.purged).toContain(id);
    expect(await setup.stores.connections.byId(id)).toBeNull();
    expect(await new AccessTokens(setup.ports).fresh(alice, github)).toEqual({ kind: 'none' });
  });

  it('in the middle of a refresh revokes what that brings, once it has replaced the old tokens for good', async () => {
    const server = new LazyServer(setup.clock);
    const { authorizationUrl, grantToClient, redeem, revoke } = server;
    const { connections } = setup.stores;
    const refresh: LazyServer['refresh'] = async (...asked) => {
      const answer = await server.refresh(...asked);
      const connection = await connections.find(alice, 'github');
      if (connection !== null) await connections.retire(connection, setup.clock.now());
      return answer;
    };
    const authorizer = { authorizationUrl, grantToClient, redeem, revoke, refresh };
    const ports = { ...setup.ports, authorizer, upstream: server };
    await stepsOf({ ...setup, ports }).connect('ada');
    setup.clock.pass(untilExpired);
    server.asked.length = 0;
    expect(await new AccessTokens(ports).fresh(alice, github)).toEqual({ kind: 'none' });
    // Such a server takes the old tokens until the new ones are used.
    expect(server.asked).toEqual(['refresh', 'use', 'revoke']);
    expect(server.works).toBe(false);
  });

  it('says where to look when the provider offers no way', async () => {
    await steps.connect('ada', 'mingle');
    expect(await disconnectViewer(setup.ports, alice, 'mingle')).toMatchObject({
      revoked: 'unsupported',
      accountPage: 'https://mingle.example/account',
    });
    expect(await listConnections(setup.ports, alice)).toEqual([]);
  });

  it('takes effect at once when the provider is down, and retries less and less often for a week', async () => {
    await steps.connect('ada');
    setup.server.revocation = 'failed';
    expect(await disconnectViewer(setup.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    expect(await new AccessTokens(setup.ports).fresh(alice, github)).toEqual({ kind: 'none' });
    expect(await listConnections(setup.ports, alice)).toMatchObject([{ status: 'revoking' }]);

    const tidy = () => sweepUnused(setup.ports, UNUSED);
    for (let minute = 0; minute < 180; minute += 1) {
      await tidy();
      setup.clock.pass(60_000);
    }
    expect(setup.server.asked('revoke')).toBeLessThan(12);

    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR);
    await tidy();
    expect(setup.server.revoked).toHaveLength(1);
    expect(await listConnections(setup.ports, alice)).toEqual([]);
  });

  it('does not ask a provider that refuses our client until it is allowed to', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    setup.clock.pass(HOUR);
    const refused = { kind: 'invalid-client', code: 'invalid_client' } as const;
    setup.server.answers.push(refused, refused);
    for (const viewer of [bob, alice]) await new AccessTokens(setup.ports).fresh(viewer, github);
    expect(await disconnectViewer(setup.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    expect(setup.server.asked('revoke')).toBe(0);
    await setup.stores.clientStops.clear('github');
    setup.clock.pass(HOUR);
    await sweepUnused(setup.ports, UNUSED);
    expect(setup.server.revoked).toHaveLength(1);
  });

  it('gives up after a week, and notifies the administrator', async () => {
    await steps.connect('ada');
    setup.server.revocation = 'failed';
    await disconnectViewer(setup.ports, alice, 'github');
    setup.clock.pass(7 * DAY);
    await sweepUnused(setup.ports, UNUSED);
    expect(await listConnections(setup.ports, alice)).toEqual([]);
    expect(setup.journal.map(({ event }) => event)).toContain('never-revoked');
  });

  it('of a Connection whose permission has ended makes no request', async () => {
    const connection = await steps.connect('ada');
    await setup.stores.connections.expire(connection, 'revoked');
    expect(await disconnectViewer(setup.ports, alice, 'github')).toEqual({
      revoked: 'nothing',
      name: 'GitHub',
      accountPage: 'https://github.example/account',
    });
    expect(await listConnections(setup.ports, alice)).toEqual([]);
    expect(setup.server.asked('revoke')).toBe(0);
  });

  it('also ends a consent that was accepted but made no Connection yet, and no other', async () => {
    await steps.connect('ada');
    const flow = await steps.accepted('grace');
    const others = await steps.accepted('bo', 'github', bob);
    const elsewhere = await steps.accepted('ada', 'mingle');
    await disconnectViewer(setup.ports, alice, 'github');
    expect(await activateFlow(setup.ports, flow, alice)).toMatchObject({ status: 'cancelled' });
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    expect(setup.server.revoked).toEqual(['access-ada-1', 'access-grace-2']);
    expect(await activateFlow(setup.ports, others, bob)).toMatchObject({ status: 'active' });
    expect(await activateFlow(setup.ports, elsewhere, alice)).toMatchObject({ status: 'active' });
  });

  it('of another viewer’s Connection is not found', async () => {
    const { id } = await steps.connect('ada');
    await expect(disconnectOwnConnection(setup.ports, bob, id)).rejects.toMatchObject({
      code: 'connection_unknown',
    });
    expect(await disconnectOwnConnection(setup.ports, alice, id)).toMatchObject({
      revoked: 'revoked',
    });
  });

  it('by an administrator ends every consent of that viewer and provider, at whatever step, and no other', async () => {
    const connection = await steps.connect('ada');
    const departed = await steps.depart(new Browser());
    const { flow: pending } = await steps.consent(new Browser(), 'grace');
    const accepted = await steps.accepted('eve');
    const others = await steps.accepted('bo', 'github', bob);
    const elsewhere = await steps.accepted('ada', 'mingle');
    await disconnectAsAdministrator(setup.ports, connection, { kind: 'command', name: 'root' });
    for (const flow of [departed.flow, pending, accepted])
      expect(await activateFlow(setup.ports, flow, alice)).toMatchObject({
        status: 'cancelled',
        failure: { as: 'cancelled_by_administrator' },
      });
    expect(await setup.stores.connections.ofViewer(alice)).toEqual([]);
    expect([...setup.server.revoked].sort()).toEqual(['access-ada-1', 'access-eve-3', 'access-grace-2']);
    const [entry] = await setup.stores.audit.list({ actions: ['flow.ended'] }, { before: null, limit: 1 });
    expect(entry).toMatchObject({ actor: { kind: 'command' }, code: 'cancelled' });
    expect(await activateFlow(setup.ports, others, bob)).toMatchObject({ status: 'active' });
    expect(await activateFlow(setup.ports, elsewhere, alice)).toMatchObject({ status: 'active' });
  });
});
