import { describe, expect, it } from 'vitest';
import { issueTicket, takeTicket } from '../../src/connect/viewers-connections.js';
import { alice, bob, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

describe('A ticket for My connections', () => {
  it('opens it once, for the viewer it was made for, and is no ticket for a flow', async () => {
    const setup = await setUpConnect();
    const { ticket } = await issueTicket(setup.ports, alice, 'Alice');
    const flowTicket = (await stepsOf(setup).begin()).ticket;
    await expect(takeTicket(setup.ports, flowTicket)).rejects.toMatchObject({
      code: 'ticket_invalid',
    });
    expect(await takeTicket(setup.ports, ticket)).toEqual({ viewer: alice, name: 'Alice' });
    await expect(takeTicket(setup.ports, ticket)).rejects.toMatchObject({ code: 'ticket_invalid' });
    const late = (await issueTicket(setup.ports, alice, null)).ticket;
    setup.clock.pass(2 * 60_000);
    await expect(takeTicket(setup.ports, late)).rejects.toMatchObject({ code: 'ticket_invalid' });
    await setup.stores.close();
  });

  it('is refused after twenty unused ones, until these expire, and to no one else', async () => {
    const setup = await setUpConnect();
    for (let n = 0; n < 20; n += 1) await issueTicket(setup.ports, alice, null);
    await expect(issueTicket(setup.ports, alice, null)).rejects.toMatchObject({
      code: 'too_many_requests',
    });
    await issueTicket(setup.ports, bob, null);
    setup.clock.pass(2 * 60_000);
    await issueTicket(setup.ports, alice, null);
    await setup.stores.close();
  });
});
