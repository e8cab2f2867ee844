import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptFlow, cancelFlowInGadget } from '../../../src/connect/consent/decide-flow.js';
import { openFlow } from '../../../src/connect/consent/open-flow.js';
import { alice, Browser, bob, type ConnectSetup, setUpConnect } from '../connect-setup.js';
import { logOf } from '../log-of.js';
import { stepsOf } from '../steps.js';

describe('Cancel in a gadget that waits', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
  });
  afterEach(() => setup.stores.close());

  const statusOf = async (flow: string) => (await setup.stores.flows.byId(flow))?.status;

  it.each<[string, () => Promise<string>]>([
    ['was only started', async () => (await steps.begin()).flow],
    [
      'was opened',
      async () =>
        (await openFlow(setup.ports, (await steps.begin()).ticket, 'opener', new Browser())).flow.id,
    ],
    ['is at the provider', async () => (await steps.depart(new Browser())).flow],
    ['waits for a yes', async () => (await steps.consent(new Browser(), 'ada')).flow],
  ])('ends a consent that %s', async (_, started) => {
    const flow = await started();
    await cancelFlowInGadget(setup.ports, flow, alice);
    expect(await statusOf(flow)).toBe('cancelled');
    expect((await logOf(setup).lines()).at(-1)).toContain('flow.ended done cancelled');
  });

  it('takes back at once what the consent holds', async () => {
    const { flow } = await steps.consent(new Browser(), 'ada');
    await cancelFlowInGadget(setup.ports, flow, alice);
    expect(setup.server.revoked).toEqual(['access-ada-1']);
    expect(await setup.stores.connections.ofViewer(alice)).toEqual([]);
  });

  it('leaves alone what was accepted', async () => {
    const { flow, nonce } = await steps.consent(new Browser(), 'ada');
    await acceptFlow(setup.ports, flow, nonce);
    await cancelFlowInGadget(setup.ports, flow, alice);
    expect(await statusOf(flow)).toBe('accepted');
    expect(setup.server.revoked).toEqual([]);
  });

  it('is the viewer’s own, and no one else’s', async () => {
    const { flow } = await steps.consent(new Browser(), 'ada');
    await expect(cancelFlowInGadget(setup.ports, flow, bob)).rejects.toMatchObject({
      code: 'viewer_changed',
    });
    expect(await statusOf(flow)).toBe('pending');
    expect(setup.server.revoked).toEqual([]);
  });
});
