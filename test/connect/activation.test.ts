import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow, listPendingFlows } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow, cancelFlow } from '../../src/connect/consent/decide-flow.js';
import { changeAccount } from '../../src/connect/consent/redirect-flow.js';
import { aside } from '../store/fixtures.js';
import { stepsOf } from './steps.js';
import { alice, Browser, bob, makeWorld, providerNamed, type World } from './world.js';

describe('Activation', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
  });
  afterEach(() => world.stores.close());

  it('T15: is refused to a frame that now has another viewer', async () => {
    const flow = await steps.accepted('ada');
    await expect(activateFlow(world.ports, flow, bob)).rejects.toMatchObject({ code: 'viewer_changed' });
    expect(await world.stores.connections.find(bob, 'github')).toBeNull();
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
  });

  it('makes one Connection however many frames of the viewer poll at once', async () => {
    const flow = await steps.accepted('ada');
    const all = await Promise.all(Array.from({ length: 20 }, () => activateFlow(world.ports, flow, alice)));
    expect(all.every(({ status }) => status === 'active' || status === 'accepted')).toBe(true);
    expect(await activateFlow(world.ports, flow, alice)).toMatchObject({ status: 'active' });
    expect(await world.stores.connections.ofViewer(alice)).toMatchObject([{ generation: 1 }]);
  });

  it('T19: lets the newest flow win, although an older one is accepted later, and revokes what that held', async () => {
    const old = new Browser();
    const { flow: older, nonce } = await steps.consent(old, 'eve');
    world.clock.pass(1000);
    const newer = await steps.accepted('ada');
    expect(await listPendingFlows(world.ports, alice)).toHaveLength(2);
    expect((await activateFlow(world.ports, newer, alice)).status).toBe('active');
    expect(await listPendingFlows(world.ports, alice)).toEqual([]);
    await acceptFlow(world.ports, older, nonce);
    expect((await activateFlow(world.ports, older, alice)).status).toBe('superseded');
    expect((await world.stores.connections.find(alice, 'github'))?.account?.label).toBe('ada');
    expect(world.server.revoked).toEqual(['access-eve-1']);
  });

  it('bumps the generation, empties the cache, and revokes the tokens of an account given up', async () => {
    const before = await steps.connect('ada');
    world.clock.pass(1000);
    const after = await steps.connect('eve');
    expect(after).toMatchObject({ id: before.id, generation: before.generation + 1 });
    expect(world.purged).toContain(before.id);
    await expect.poll(() => world.server.revoked).toEqual(['access-ada-1']);
  });

  it('revokes nothing when the same account is connected again: many servers would end the new grant too', async () => {
    await steps.connect('ada');
    world.clock.pass(1000);
    await steps.connect('ada');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.server.asked('revoke')).toBe(0);
  });

  it('tells others at once that their account was connected elsewhere, where it is known and has one grant', async () => {
    world.providers.set('github', providerNamed('github', { oneGrantPerAccount: true }));
    const alices = await steps.connect('ada');
    world.purged.length = 0;
    world.clock.pass(1000);
    await steps.connect('ada', 'github', bob);
    expect(await world.stores.connections.find(alice, 'github')).toMatchObject({
      status: 'reconnect',
      reason: 'connected-elsewhere',
    });
    expect(world.purged).toContain(alices.id);
  });

  it('finishes what a process began that died before it could say so', async () => {
    const flow = await steps.accepted('ada');
    const accepted = await world.stores.flows.byId(flow);
    const tokens = accepted && (await world.stores.flows.tokens(accepted));
    if (!accepted || !tokens) throw new Error('not accepted');
    const made = await world.stores.connections.activate({
      id: world.ports.entropy.id() as never,
      flow: accepted,
      tokens,
      account: accepted.account,
      scopes: [],
      now: world.clock.now(),
      ...aside(flow),
    });
    expect((await activateFlow(world.ports, flow, alice)).status).toBe('active');
    expect((await world.stores.connections.find(alice, 'github'))?.generation).toBe(made?.generation);
    expect(await world.stores.flows.tokens(accepted)).toBeNull();
    expect(world.server.asked('revoke')).toBe(0);
  });
});

describe('No', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
    browser = new Browser();
  });
  afterEach(() => world.stores.close());

  it('before the provider was visited ends the flow and nothing else', async () => {
    const { flow, nonce } = await steps.depart(browser);
    expect(await cancelFlow(world.ports, flow, nonce)).toMatchObject({
      revoked: 'nothing',
      endedOlder: false,
    });
    expect((await activateFlow(world.ports, flow, alice)).status).toBe('cancelled');
  });

  it('after the provider takes the permission back', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    expect(await cancelFlow(world.ports, flow, nonce)).toMatchObject({ revoked: 'revoked' });
    expect(world.server.revoked).toEqual(['access-ada-1']);
  });

  it('says where the provider cannot be told, and that its one grant for each account ended an older one', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada', 'mingle');
    expect(await cancelFlow(world.ports, flow, nonce)).toMatchObject({
      revoked: 'unsupported',
      endedOlder: true,
    });
  });

  it('cannot be said in another browser, nor after yes', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    const stranger = world.ports.entropy.secret();
    await expect(cancelFlow(world.ports, flow, stranger)).rejects.toMatchObject({ code: 'flow_unknown' });
    await expect(acceptFlow(world.ports, flow, stranger)).rejects.toMatchObject({ code: 'flow_unknown' });
    await acceptFlow(world.ports, flow, nonce);
    await expect(cancelFlow(world.ports, flow, nonce)).rejects.toMatchObject({ code: 'flow_step' });
  });

  it('to this account takes it back and asks the provider for another', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    const url = new URL(await changeAccount(world.ports, flow, nonce));
    expect(url.searchParams.get('prompt')).toBe('select_account');
    expect(world.server.revoked).toEqual(['access-ada-1']);
    await steps.callback(browser, { state: url.searchParams.get('state') ?? '', code: 'code-of-eve' });
    expect(await world.stores.flows.byId(flow)).toMatchObject({
      status: 'pending',
      account: { label: 'eve' },
    });
  });
});
