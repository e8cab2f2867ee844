import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activate } from '../../src/connect/consent/activate.js';
import { accept } from '../../src/connect/consent/consent.js';
import { finish } from '../../src/connect/consent/finish.js';
import type { ConnectPorts } from '../../src/connect/ports.js';
import type { Host } from '../../src/domain/host.js';
import { stepsOf } from './steps.js';
import { alice, Browser, makeWorld, type World } from './world.js';

/** The record of a host may change at any moment of a consent. */
describe('A consent whose host may no longer use the provider', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
    browser = new Browser();
  });
  afterEach(() => world.stores.close());

  const without = (): ConnectPorts => {
    const host = (id: string): Host | undefined => {
      const found = world.ports.directory.host(id);
      return found && { ...found, providers: ['mingle'] };
    };
    return { ...world.ports, directory: { ...world.ports.directory, host } };
  };

  it('redeems no code any more', async () => {
    const { flow, state } = await steps.depart(browser);
    const answer = new URLSearchParams({ state, code: 'code-of-ada' });
    await finish(without())('github', answer, browser);
    expect(await world.stores.flows.byId(flow)).toMatchObject({ status: 'failed' });
    expect(world.server.asked('redeem')).toBe(0);
  });

  it('becomes no Connection, and what the provider gave is taken back', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    await accept(world.ports)(flow, nonce);
    expect(await activate(without())(flow, alice)).toMatchObject({
      status: 'failed',
      failure: { code: 'misconfigured' },
    });
    expect(await world.stores.connections.ofViewer(alice)).toEqual([]);
    expect(world.server.revoked).toEqual(['access-ada-1']);
  });
});
