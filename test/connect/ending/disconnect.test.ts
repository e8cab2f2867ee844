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
import { stepsOf } from '../steps.js';
import { alice, Browser, bob, github, HOUR, makeWorld, type World } from '../world.js';

const DAY = 24 * HOUR;
const UNUSED = 90 * DAY;

describe('Disconnect', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
  });
  afterEach(() => world.stores.close());

  it('revokes at the provider, empties the cache and leaves nothing', async () => {
    const { id } = await steps.connect('ada');
    world.purged.length = 0;
    expect(await disconnectViewer(world.ports, alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(world.server.revoked).toEqual(['access-ada-1']);
    expect(world.purged).toContain(id);
    expect(await world.stores.connections.byId(id)).toBeNull();
    expect(await new AccessTokens(world.ports).fresh(alice, github)).toEqual({ kind: 'none' });
  });

  it('says where to look when the provider offers no way', async () => {
    await steps.connect('ada', 'mingle');
    expect(await disconnectViewer(world.ports, alice, 'mingle')).toMatchObject({
      revoked: 'unsupported',
      accountPage: 'https://mingle.example/account',
    });
    expect(await listConnections(world.ports, alice)).toEqual([]);
  });

  it('stops at once when the provider is down, and asks it again, less and less often, for a week', async () => {
    await steps.connect('ada');
    world.server.revocation = 'failed';
    expect(await disconnectViewer(world.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    expect(await new AccessTokens(world.ports).fresh(alice, github)).toEqual({ kind: 'none' });
    expect(await listConnections(world.ports, alice)).toMatchObject([{ status: 'revoking' }]);

    const tidy = () => sweepUnused(world.ports, UNUSED);
    for (let minute = 0; minute < 180; minute += 1) {
      await tidy();
      world.clock.pass(60_000);
    }
    expect(world.server.asked('revoke')).toBeLessThan(12);

    world.server.revocation = 'revoked';
    world.clock.pass(HOUR);
    await tidy();
    expect(world.server.revoked).toHaveLength(1);
    expect(await listConnections(world.ports, alice)).toEqual([]);
  });

  it('asks nothing of a provider that refuses our client, and asks once it may', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    world.clock.pass(HOUR);
    const refused = { kind: 'invalid-client', code: 'invalid_client' } as const;
    world.server.answers.push(refused, refused);
    for (const viewer of [bob, alice]) await new AccessTokens(world.ports).fresh(viewer, github);
    expect(await disconnectViewer(world.ports, alice, 'github')).toMatchObject({ revoked: 'kept' });
    expect(world.server.asked('revoke')).toBe(0);
    await world.stores.clientStops.clear('github');
    world.clock.pass(HOUR);
    await sweepUnused(world.ports, UNUSED);
    expect(world.server.revoked).toHaveLength(1);
  });

  it('gives up after a week, and tells the administrator', async () => {
    await steps.connect('ada');
    world.server.revocation = 'failed';
    await disconnectViewer(world.ports, alice, 'github');
    world.clock.pass(7 * DAY);
    await sweepUnused(world.ports, UNUSED);
    expect(await listConnections(world.ports, alice)).toEqual([]);
    expect(world.journal.map(({ event }) => event)).toContain('never-revoked');
  });

  it('of a Connection whose permission has ended asks nobody', async () => {
    const connection = await steps.connect('ada');
    await world.stores.connections.expire(connection, 'revoked');
    expect(await disconnectViewer(world.ports, alice, 'github')).toEqual({
      revoked: 'nothing',
      name: 'GitHub',
      accountPage: 'https://github.example/account',
    });
    expect(await listConnections(world.ports, alice)).toEqual([]);
    expect(world.server.asked('revoke')).toBe(0);
  });

  it('also ends a consent that was accepted but made no Connection yet, and no other', async () => {
    await steps.connect('ada');
    const flow = await steps.accepted('grace');
    const others = await steps.accepted('bo', 'github', bob);
    const elsewhere = await steps.accepted('ada', 'mingle');
    await disconnectViewer(world.ports, alice, 'github');
    expect(await activateFlow(world.ports, flow, alice)).toMatchObject({ status: 'cancelled' });
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
    expect(world.server.revoked).toEqual(['access-ada-1', 'access-grace-2']);
    expect(await activateFlow(world.ports, others, bob)).toMatchObject({ status: 'active' });
    expect(await activateFlow(world.ports, elsewhere, alice)).toMatchObject({ status: 'active' });
  });

  it('of another viewer’s Connection is not found', async () => {
    const { id } = await steps.connect('ada');
    await expect(disconnectOwnConnection(world.ports, bob, id)).rejects.toMatchObject({
      code: 'connection_unknown',
    });
    expect(await disconnectOwnConnection(world.ports, alice, id)).toMatchObject({ revoked: 'revoked' });
  });

  it('by an administrator ends every consent of that viewer and provider, at whatever step, and no other', async () => {
    const connection = await steps.connect('ada');
    const departed = await steps.depart(new Browser());
    const { flow: pending } = await steps.consent(new Browser(), 'grace');
    const accepted = await steps.accepted('eve');
    const others = await steps.accepted('bo', 'github', bob);
    const elsewhere = await steps.accepted('ada', 'mingle');
    await disconnectAsAdministrator(world.ports, connection, { kind: 'command', name: 'root' });
    for (const flow of [departed.flow, pending, accepted])
      expect(await activateFlow(world.ports, flow, alice)).toMatchObject({
        status: 'cancelled',
        failure: { as: 'cancelled_by_administrator' },
      });
    expect(await world.stores.connections.ofViewer(alice)).toEqual([]);
    expect([...world.server.revoked].sort()).toEqual(['access-ada-1', 'access-eve-3', 'access-grace-2']);
    const [entry] = await world.stores.audit.list({ actions: ['flow.ended'] }, { before: null, limit: 1 });
    expect(entry).toMatchObject({ actor: { kind: 'command' }, code: 'cancelled' });
    expect(await activateFlow(world.ports, others, bob)).toMatchObject({ status: 'active' });
    expect(await activateFlow(world.ports, elsewhere, alice)).toMatchObject({ status: 'active' });
  });
});
