import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../src/connect/ending/bulk-disconnect-steps.js';
import { eraseViewer, removeHostViewer } from '../../src/connect/ending/erase-viewer.js';
import { issueTicket } from '../../src/connect/viewers-connections.js';
import { asViewer } from '../../src/domain/actor.js';
import { Secret } from '../../src/domain/secret.js';
import { newFrameSession } from '../store/fixtures.js';
import { alice, type ConnectSetup, HOUR, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

const MINUTE = 60_000;

/** A person left while a provider could not be notified, came back before it could, and leaves once more. */
describe('A person who comes back and leaves again', () => {
  let setup: ConnectSetup;
  let jti = 0;

  beforeEach(async () => {
    setup = await setUpConnect();
    const steps = stepsOf(setup);
    await steps.connect('first', 'github');
    setup.server.revocation = 'failed';
    await says();
    setup.clock.pass(MINUTE);
    await steps.connect('second', 'github');
    await issueTicket(setup.ports, alice, 'Alice');
    const session = {
      ...{ id: 'frame', viewer: alice, profile: { name: 'Alice', email: null } },
      ...{ gadget: 'reviews', parameters: {}, locks: '[]', choices: {}, locale: 'en', timeZone: 'UTC' },
      ...{ launchedAt: setup.clock.now(), expiresAt: setup.clock.now() + HOUR },
    };
    await setup.stores.frameSessions.launch(newFrameSession(session, 'launched-again'));
    setup.clock.pass(MINUTE);
  });
  afterEach(() => setup.stores.close());

  const says = () => {
    jti += 1;
    const claims = { viewer: alice, jti: `jti-${jti}`, replayableUntil: Number.MAX_SAFE_INTEGER };
    const hostTokens = { verifyFor: async () => ({ ...claims, flowHash: null }) };
    return removeHostViewer({ ...setup.ports, hostTokens }, 'gocd', new Secret('token'));
  };
  const kept = async () => {
    const { frameSessions, tickets, flows } = await setup.stores.connectionLists.everythingOf(alice);
    return { frameSessions, tickets, flows };
  };

  it('sees nothing any more from that moment, though the first leaving is not over', async () => {
    expect(await says()).toMatchObject({ total: 2, left: 2 });
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    expect(await kept()).toEqual({ frameSessions: [], tickets: [], flows: [] });
    expect(await setup.stores.bulkDisconnects.unfinished()).toHaveLength(1);
  });

  it('is erased completely when they ask for it', async () => {
    await eraseViewer(setup.ports, alice, asViewer(alice));
    expect(await kept()).toEqual({ frameSessions: [], tickets: [], flows: [] });
  });

  it('is forgotten once every provider was notified', async () => {
    const { departure: bulkDisconnect } = await says();
    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR);
    await continueBulkDisconnects(setup.ports);
    expect(await setup.stores.bulkDisconnects.byId(bulkDisconnect ?? '')).toMatchObject({
      total: 2,
      revoked: 2,
    });
    expect(await says()).toEqual({ departure: null, total: 0, left: 0 });
  });

  it('cannot be finished by a process that knows only of the first leaving', async () => {
    const [heard] = await setup.stores.bulkDisconnects.unfinished();
    const [first] = (await setup.stores.connections.ofViewer(alice)).filter(
      ({ status }) => status === 'revoking',
    );
    if (heard === undefined || first === undefined) throw new Error('no one left');
    await setup.stores.connections.remove(first.id, 'unrevoked');
    await says();
    expect(await setup.stores.bulkDisconnects.finish(heard, setup.clock.now())).toBe(false);
  });
});
