import { describe, expect, it } from 'vitest';
import { issueTicket, takeTicket } from '../../src/connect/viewers-connections.js';
import { stepsOf } from './steps.js';
import { alice, bob, makeWorld } from './world.js';

describe('A ticket for My connections', () => {
  it('opens it once, for the viewer it was made for, and is no ticket for a flow', async () => {
    const world = await makeWorld();
    const { ticket } = await issueTicket(world.ports, alice, 'Alice');
    const flowTicket = (await stepsOf(world).begin()).ticket;
    await expect(takeTicket(world.ports, flowTicket)).rejects.toMatchObject({ code: 'ticket_invalid' });
    expect(await takeTicket(world.ports, ticket)).toEqual({ viewer: alice, name: 'Alice' });
    await expect(takeTicket(world.ports, ticket)).rejects.toMatchObject({ code: 'ticket_invalid' });
    const late = (await issueTicket(world.ports, alice, null)).ticket;
    world.clock.pass(2 * 60_000);
    await expect(takeTicket(world.ports, late)).rejects.toMatchObject({ code: 'ticket_invalid' });
    await world.stores.close();
  });

  it('is refused after twenty that nobody took, until these are too old, and to nobody else', async () => {
    const world = await makeWorld();
    for (let n = 0; n < 20; n += 1) await issueTicket(world.ports, alice, null);
    await expect(issueTicket(world.ports, alice, null)).rejects.toMatchObject({ code: 'too_many_requests' });
    await issueTicket(world.ports, bob, null);
    world.clock.pass(2 * 60_000);
    await issueTicket(world.ports, alice, null);
    await world.stores.close();
  });
});
