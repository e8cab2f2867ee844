import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow, listPendingFlows } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow, cancelFlow } from '../../src/connect/consent/decide-flow.js';
import { changeAccount } from '../../src/connect/consent/redirect-flow.js';
import { aside } from '../store/fixtures.js';
import { alice, Browser, bob, type ConnectSetup, providerNamed, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

describe('Activation', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
  });
  afterEach(() => setup.stores.close());

  it('T15: is refused to a frame that now has another viewer', async () => {
    const flow = await steps.accepted('ada');
    await expect(activateFlow(setup.ports, flow, bob)).rejects.toMatchObject({
      code: 'viewer_changed',
    });
    expect(await setup.stores.connections.find(bob, 'github')).toBeNull();
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
  });

  it('makes one Connection however many frames of the viewer poll at once', async () => {
    const flow = await steps.accepted('ada');
    const all = await Promise.all(Array.from({ length: 20 }, () => activateFlow(setup.ports, flow, alice)));
    expect(all.every(({ status }) => status === 'active' || status === 'accepted')).toBe(true);
    expect(await activateFlow(setup.ports, flow, alice)).toMatchObject({ status: 'active' });
    expect(await setup.stores.connections.ofViewer(alice)).toMatchObject([{ generation: 1 }]);
  });

  it('T19: lets the newest flow win, although an older one is accepted later, and revokes the older one’s tokens', async () => {
    const old = new Browser();
    const { flow: older, nonce } = await steps.consent(old, 'eve');
    setup.clock.pass(1000);
    const newer = await steps.accepted('ada');
    expect(await listPendingFlows(setup.ports, alice)).toHaveLength(2);
    expect((await activateFlow(setup.ports, newer, alice)).status).toBe('active');
    expect(await listPendingFlows(setup.ports, alice)).toEqual([]);
    await acceptFlow(setup.ports, older, nonce);
    expect((await activateFlow(setup.ports, older, alice)).status).toBe('superseded');
    expect((await setup.stores.connections.find(alice, 'github'))?.account?.label).toBe('ada');
    expect(setup.server.revoked).toEqual(['access-eve-1']);
  });

  it('bumps the generation, empties the cache, and revokes the tokens of an account given up', async () => {
    const before = await steps.connect('ada');
    setup.clock.pass(1000);
    const after = await steps.connect('eve');
    expect(after).toMatchObject({ id: before.id, generation: before.generation + 1 });
    expect(setup.purged).toContain(before.id);
    await expect.poll(() => setup.server.revoked).toEqual(['access-ada-1']);
  });

  it('revokes nothing when the same account is connected again: many servers would end the new grant too', async () => {
    await steps.connect('ada');
    setup.clock.pass(1000);
    await steps.connect('ada');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(setup.server.asked('revoke')).toBe(0);
  });

  it('says at once to other viewers that their account was connected elsewhere, when it is known and has one grant', async () => {
    setup.declared.declare(providerNamed('github', { oneGrantPerAccount: true }));
    const alices = await steps.connect('ada');
    setup.purged.length = 0;
    setup.clock.pass(1000);
    await steps.connect('ada', 'github', bob);
    expect(await setup.stores.connections.find(alice, 'github')).toMatchObject({
      status: 'reconnect',
      reason: 'connected-elsewhere',
    });
    expect(setup.purged).toContain(alices.id);
  });

  it('finishes what a process started before it was killed', async () => {
    const flow = await steps.accepted('ada');
    const accepted = await setup.stores.flows.byId(flow);
    const tokens = accepted && (await setup.stores.flows.tokens(accepted));
    if (!accepted || !tokens) throw new Error('not accepted');
    const made = await setup.stores.connections.activate({
      id: setup.ports.entropy.id() as never,
      flow: accepted,
      tokens,
      account: accepted.account,
      scopes: [],
      now: setup.clock.now(),
      ...aside(flow),
    });
    expect((await activateFlow(setup.ports, flow, alice)).status).toBe('active');
    expect((await setup.stores.connections.find(alice, 'github'))?.generation).toBe(made?.generation);
    expect(await setup.stores.flows.tokens(accepted)).toBeNull();
    expect(setup.server.asked('revoke')).toBe(0);
  });
});

describe('No', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
    browser = new Browser();
  });
  afterEach(() => setup.stores.close());

  it('before the provider was visited ends the flow only', async () => {
    const { flow, nonce } = await steps.depart(browser);
    expect(await cancelFlow(setup.ports, flow, nonce)).toMatchObject({
      revoked: 'nothing',
      endedOlder: false,
    });
    expect((await activateFlow(setup.ports, flow, alice)).status).toBe('cancelled');
  });

  it('after the provider takes the permission back', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    expect(await cancelFlow(setup.ports, flow, nonce)).toMatchObject({ revoked: 'revoked' });
    expect(setup.server.revoked).toEqual(['access-ada-1']);
  });

  it('says when the provider cannot be notified, and that its one grant for each account ended an older one', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada', 'mingle');
    expect(await cancelFlow(setup.ports, flow, nonce)).toMatchObject({
      revoked: 'unsupported',
      endedOlder: true,
    });
  });

  it('is not possible in another browser, nor after accepting', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    const stranger = setup.ports.entropy.secret();
    await expect(cancelFlow(setup.ports, flow, stranger)).rejects.toMatchObject({
      code: 'flow_unknown',
    });
    await expect(acceptFlow(setup.ports, flow, stranger)).rejects.toMatchObject({
      code: 'flow_unknown',
    });
    await acceptFlow(setup.ports, flow, nonce);
    await expect(cancelFlow(setup.ports, flow, nonce)).rejects.toMatchObject({ code: 'flow_step' });
  });

  it('to this account takes it back and asks the provider for another', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    const url = new URL((await changeAccount(setup.ports, flow, nonce)) ?? '');
    expect(url.searchParams.get('prompt')).toBe('select_account');
    expect(setup.server.revoked).toEqual(['access-ada-1']);
    await steps.callback(browser, { state: url.searchParams.get('state') ?? '', code: 'code-of-eve' });
    expect(await setup.stores.flows.byId(flow)).toMatchObject({
      status: 'pending',
      account: { label: 'eve' },
    });
  });
});
