import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connections, issueTicket, takeTicket } from '../../../src/connect/connections.js';
import { activate } from '../../../src/connect/consent/activate.js';
import { disconnect, disconnectOne } from '../../../src/connect/ending/disconnect.js';
import { sweep } from '../../../src/connect/ending/sweep.js';
import { accessSource } from '../../../src/connect/tokens/fresh-connection.js';
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
    expect(await disconnect(world.ports)(alice, 'github')).toMatchObject({ revoked: 'revoked' });
    expect(world.server.revoked).toEqual(['access-ada-1']);
    expect(world.purged).toContain(id);
    expect(await world.stores.connections.byId(id)).toBeNull();
    expect(await accessSource(world.ports).fresh(alice, github)).toEqual({ kind: 'none' });
  });

  it('says where to look when the provider offers no way', async () => {
    await steps.connect('ada', 'mingle');
    const { revoked, message } = await disconnect(world.ports)(alice, 'mingle');
    expect(revoked).toBe('unsupported');
    expect(message).toContain('https://mingle.example/account');
    expect(await connections(world.ports)(alice)).toEqual([]);
  });

  it('stops at once when the provider is down, and asks it again, less and less often, for a week', async () => {
    await steps.connect('ada');
    world.server.revocation = 'failed';
    expect(await disconnect(world.ports)(alice, 'github')).toMatchObject({ revoked: 'kept' });
    expect(await accessSource(world.ports).fresh(alice, github)).toEqual({ kind: 'none' });
    expect(await connections(world.ports)(alice)).toMatchObject([{ status: 'revoking' }]);

    const tidy = sweep(world.ports, () => UNUSED);
    for (let minute = 0; minute < 180; minute += 1) {
      await tidy();
      world.clock.pass(60_000);
    }
    expect(world.server.asked('revoke')).toBeLessThan(12);

    world.server.revocation = 'revoked';
    world.clock.pass(HOUR);
    await tidy();
    expect(world.server.revoked).toEqual(['access-ada-1']);
    expect(await connections(world.ports)(alice)).toEqual([]);
  });

  it('gives up after a week, and tells the administrator', async () => {
    await steps.connect('ada');
    world.server.revocation = 'failed';
    await disconnect(world.ports)(alice, 'github');
    world.clock.pass(7 * DAY);
    await sweep(world.ports, () => UNUSED)();
    expect(await connections(world.ports)(alice)).toEqual([]);
    expect(world.journal.map(({ event }) => event)).toContain('never-revoked');
  });

  it('of a Connection whose permission has ended asks nobody', async () => {
    const connection = await steps.connect('ada');
    await world.stores.connections.expire(connection, 'revoked');
    const { message } = await disconnect(world.ports)(alice, 'github');
    expect(message).toBe('GitHub is disconnected. Its permission had ended before.');
    expect(await connections(world.ports)(alice)).toEqual([]);
    expect(world.server.asked('revoke')).toBe(0);
  });

  it('also ends a consent that was accepted but made no Connection yet, and no other', async () => {
    await steps.connect('ada');
    const flow = await steps.accepted('grace');
    const others = await steps.accepted('bo', 'github', bob);
    const elsewhere = await steps.accepted('ada', 'mingle');
    await disconnect(world.ports)(alice, 'github');
    expect(await activate(world.ports)(flow, alice)).toMatchObject({ status: 'cancelled' });
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
    expect(world.server.revoked).toEqual(['access-ada-1', 'access-grace-2']);
    expect(await activate(world.ports)(others, bob)).toMatchObject({ status: 'active' });
    expect(await activate(world.ports)(elsewhere, alice)).toMatchObject({ status: 'active' });
  });

  it('of another viewer’s Connection is not found', async () => {
    const { id } = await steps.connect('ada');
    await expect(disconnectOne(world.ports)(bob, id)).rejects.toMatchObject({ code: 'connection_unknown' });
    expect(await disconnectOne(world.ports)(alice, id)).toMatchObject({ revoked: 'revoked' });
  });
});

describe('A ticket for My connections', () => {
  it('opens it once, for the viewer it was made for, and is no ticket for a flow', async () => {
    const world = await makeWorld();
    const { ticket } = await issueTicket(world.ports)(alice, 'Alice');
    const flowTicket = (await stepsOf(world).begin()).ticket;
    await expect(takeTicket(world.ports)(flowTicket)).rejects.toMatchObject({ code: 'ticket_invalid' });
    expect(await takeTicket(world.ports)(ticket)).toEqual({ viewer: alice, name: 'Alice' });
    await expect(takeTicket(world.ports)(ticket)).rejects.toMatchObject({ code: 'ticket_invalid' });
    const late = (await issueTicket(world.ports)(alice, null)).ticket;
    world.clock.pass(2 * 60_000);
    await expect(takeTicket(world.ports)(late)).rejects.toMatchObject({ code: 'ticket_invalid' });
    await world.stores.close();
  });
});

describe('The sweep', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
  });
  afterEach(() => world.stores.close());

  it('revokes and deletes what a flow held that nobody finished', async () => {
    const { flow } = await steps.consent(new Browser(), 'ada');
    const tidy = sweep(world.ports, () => UNUSED);
    await tidy();
    expect(await world.stores.flows.byId(flow)).not.toBeNull();
    world.clock.pass(10 * 60_000);
    await tidy();
    expect(await world.stores.flows.byId(flow)).toBeNull();
    expect(world.server.revoked).toEqual(['access-ada-1']);
  });

  it('leaves the tokens of a flow alone that became a Connection just before its process died', async () => {
    const flow = await steps.accepted('ada');
    const accepted = await world.stores.flows.byId(flow);
    const tokens = accepted && (await world.stores.flows.tokens(accepted));
    if (!accepted || !tokens) throw new Error('not accepted');
    const { account } = accepted;
    const id = world.ports.entropy.id() as never;
    const now = world.clock.now();
    await world.stores.connections.activate({ id, flow: accepted, tokens, account, scopes: [], now });
    world.clock.pass(10 * 60_000);
    await sweep(world.ports, () => UNUSED)();
    expect(await world.stores.flows.byId(flow)).toBeNull();
    expect(world.server.asked('revoke')).toBe(0);
  });

  it('revokes and deletes Connections that nobody used for ninety days, and no others', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    world.clock.pass(UNUSED - HOUR);
    await accessSource(world.ports).fresh(bob, github);
    world.clock.pass(2 * HOUR);
    await sweep(world.ports, () => UNUSED)();
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
    expect(await world.stores.connections.find(bob, 'github')).not.toBeNull();
    expect(world.journal.map(({ event }) => event)).toContain('connection-unused');
  });
});
