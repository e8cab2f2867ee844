import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../src/connect/ending/bulk-disconnect-steps.js';
import { eraseViewer, removeHostViewer } from '../../src/connect/ending/erase-viewer.js';
import { issueTicket } from '../../src/connect/viewers-connections.js';
import { asViewer } from '../../src/domain/actor.js';
import { Secret } from '../../src/domain/secret.js';
import { newFrameSession } from '../store/fixtures.js';
import { stepsOf } from './steps.js';
import { alice, HOUR, makeWorld, type World } from './world.js';

const MINUTE = 60_000;

/** Somebody left while a provider could not be told, came back before it could, and leaves once more. */
describe('A person who comes back and leaves again', () => {
  let world: World;
  let jti = 0;

  beforeEach(async () => {
    world = await makeWorld();
    const steps = stepsOf(world);
    await steps.connect('first', 'github');
    world.server.revocation = 'failed';
    await says();
    world.clock.pass(MINUTE);
    await steps.connect('second', 'github');
    await issueTicket(world.ports, alice, 'Alice');
    const session = {
      ...{ id: 'frame', viewer: alice, profile: { name: 'Alice', email: null } },
      ...{ gadget: 'reviews', parameters: {}, locks: '{}', locale: 'en', timeZone: 'UTC' },
      ...{ launchedAt: world.clock.now(), expiresAt: world.clock.now() + HOUR },
    };
    await world.stores.frameSessions.launch(newFrameSession(session, 'launched-again'));
    world.clock.pass(MINUTE);
  });
  afterEach(() => world.stores.close());

  const says = () => {
    jti += 1;
    const claims = { viewer: alice, jti: `jti-${jti}`, replayableUntil: Number.MAX_SAFE_INTEGER };
    const hostTokens = { verifyFor: async () => ({ ...claims, flowHash: null }) };
    return removeHostViewer({ ...world.ports, hostTokens }, 'gocd', new Secret('token'));
  };
  const kept = async () => {
    const { frameSessions, tickets, flows } = await world.stores.connectionLists.everythingOf(alice);
    return { frameSessions, tickets, flows };
  };

  it('sees nothing any more from that moment, though the first leaving is not over', async () => {
    expect(await says()).toMatchObject({ total: 2, left: 2 });
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
    expect(await kept()).toEqual({ frameSessions: [], tickets: [], flows: [] });
    expect(await world.stores.departures.unfinished()).toHaveLength(1);
  });

  it('is erased whole by their own wish', async () => {
    await eraseViewer(world.ports, alice, asViewer(alice));
    expect(await kept()).toEqual({ frameSessions: [], tickets: [], flows: [] });
  });

  it('is forgotten once every provider was told', async () => {
    const { departure } = await says();
    world.server.revocation = 'revoked';
    world.clock.pass(HOUR);
    await continueBulkDisconnects(world.ports);
    expect(await world.stores.departures.byId(departure ?? '')).toMatchObject({ total: 2, revoked: 2 });
    expect(await says()).toEqual({ departure: null, total: 0, left: 0 });
  });

  it('keeps a process that heard of the first leaving alone from finishing it', async () => {
    const [heard] = await world.stores.departures.unfinished();
    const [first] = (await world.stores.connections.ofViewer(alice)).filter(
      ({ status }) => status === 'revoking',
    );
    if (heard === undefined || first === undefined) throw new Error('nobody left');
    await world.stores.connections.remove(first.id, 'unrevoked');
    await says();
    expect(await world.stores.departures.finish(heard, world.clock.now())).toBe(false);
  });
});
