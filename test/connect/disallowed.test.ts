import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectDeps } from '../../src/connect/connect-deps.js';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow } from '../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../src/connect/consent/finish-flow.js';
import { openFlow } from '../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../src/connect/consent/redirect-flow.js';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { issueTicket, takeTicket } from '../../src/connect/viewers-connections.js';
import { AppError } from '../../src/domain/errors.js';
import type { Host } from '../../src/hosts/host.js';
import { replacing } from '../support/replacing.js';
import { alice, Browser, type ConnectSetup, github, setUpConnect } from './connect-setup.js';
import { logOf } from './log-of.js';
import { stepsOf } from './steps.js';

/** The record of a host may change at any moment of a consent. */
describe.each([
  ['may no longer use the provider', { providers: ['mingle'] }, 'provider_not_allowed'],
  ['now has another connect mode (T11)', { connectMode: 'code' as const }, 'mode_changed'],
])('A consent whose host %s', (_, change, code) => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
    browser = new Browser();
  });
  afterEach(() => setup.stores.close());

  const changed = (): ConnectDeps => {
    const host = (id: string): Host | undefined => {
      const found = setup.ports.directory.host(id);
      return found && { ...found, ...change };
    };
    return { ...setup.ports, directory: replacing(setup.ports.directory, { host }) };
  };

  it('sends no one to the provider any more, and ends', async () => {
    const { ticket } = await steps.begin();
    const { flow, nonce } = await openFlow(setup.ports, ticket, 'opener', new Browser());
    await expect(redirectFlow(changed(), flow.id, nonce)).rejects.toBeInstanceOf(AppError);
    expect(await setup.stores.flows.byId(flow.id)).toMatchObject({
      status: 'failed',
      failure: { code },
    });
  });

  it('redeems no code', async () => {
    const { flow, state } = await steps.depart(browser);
    const answer = new URLSearchParams({ state, code: 'code-of-ada' });
    await finishFlow(changed(), 'github', answer, { nonces: browser });
    expect(await setup.stores.flows.byId(flow)).toMatchObject({ status: 'failed', failure: { code } });
    expect(setup.server.asked('redeem')).toBe(0);
  });

  it('creates no Connection, and what the provider gave is revoked', async () => {
    const { flow, nonce } = await steps.consent(browser, 'ada');
    await acceptFlow(setup.ports, flow, nonce);
    expect(await activateFlow(changed(), flow, alice)).toMatchObject({ status: 'failed', failure: { code } });
    expect(await setup.stores.connections.ofViewer(alice)).toEqual([]);
    expect(setup.server.revoked).toEqual(['access-ada-1']);
    expect((await logOf(setup).lines()).at(-1)).toBe(`flow.refused refused ${code} system`);
  });
});

describe('A host that may no longer use a provider', () => {
  it('gets no token of its viewers, remembered or not, though the provider’s record is the same', async () => {
    const setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
    let isAllowed = true;
    const host = (id: string): Host | undefined => {
      const found = setup.ports.directory.host(id);
      return found && (isAllowed ? found : { ...found, providers: ['mingle'] });
    };
    const source = new AccessTokens({
      ...setup.ports,
      directory: replacing(setup.ports.directory, { host }),
    });
    for (let times = 0; times < 2; times += 1)
      expect((await source.fresh(alice, github)).kind).toBe('access');
    isAllowed = false;
    expect(await source.fresh(alice, github)).toEqual({ kind: 'stopped', code: 'provider_not_allowed' });
    await setup.stores.close();
  });
});

describe('A ticket for My connections', () => {
  it('T11: is neither issued nor accepted when a link leads there', async () => {
    const setup = await setUpConnect();
    const { ticket } = await issueTicket(setup.ports, alice, 'Alice');
    const host = (id: string): Host | undefined => {
      const found = setup.ports.directory.host(id);
      return found && { ...found, connectMode: 'reauth' };
    };
    const ports = { ...setup.ports, directory: replacing(setup.ports.directory, { host }) };
    await expect(issueTicket(ports, alice, 'Alice')).rejects.toMatchObject({ code: 'flow_step' });
    await expect(takeTicket(ports, ticket)).rejects.toMatchObject({ code: 'ticket_invalid' });
    await setup.stores.close();
  });
});
