import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPendingFlows } from '../../../src/connect/consent/activate-flow.js';
import { acceptAndGoOn, cancelFlow, findNext } from '../../../src/connect/consent/decide-flow.js';
import { openFlow } from '../../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../../src/connect/consent/redirect-flow.js';
import { startFlow } from '../../../src/connect/consent/start-flow.js';
import { replacing } from '../../support/replacing.js';
import { alice, Browser, type ConnectSetup, gocd, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

describe('a window that goes on to the next provider', () => {
  let setup: ConnectSetup;
  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  /** A consent up to its second question, which may go on to these. */
  const asked = async (
    further: readonly string[],
    { as = setup, via = 'opener' }: { as?: Pick<ConnectSetup, 'ports' | 'stores'>; via?: string } = {},
  ) => {
    const browser = new Browser();
    const { ticket } = await startFlow(as.ports, {
      ...{ viewer: alice, profile: { name: 'alice', email: null }, gadget: 'reviews' },
      ...{ provider: 'github', intent: 'connect', further },
    });
    const { flow, nonce } = await openFlow(as.ports, ticket, via, browser);
    browser.keep(flow.id, nonce);
    const url = new URL(await redirectFlow(as.ports, flow.id, nonce));
    const state = url.searchParams.get('state') ?? '';
    await stepsOf(as).callback(browser, { state, code: 'code-of-ada' });
    return { id: flow.id, nonce };
  };

  it('has a flow of its own, of the same viewer, bound to the same browser by another nonce', async () => {
    const { id, nonce } = await asked(['github', 'mingle']);
    const { accepted, next } = await acceptAndGoOn(setup.ports, id, nonce);
    expect(accepted.status).toBe('accepted');
    expect(next?.flow).toMatchObject({
      ...{ provider: 'mingle', status: 'opened', mode: 'opener', after: 'github', further: [] },
      viewer: alice,
    });
    expect(next?.nonce.reveal()).not.toBe(nonce.reveal());
    // The first one's nonce does not work here, nor does none.
    const nextId = next?.flow.id ?? '';
    await expect(redirectFlow(setup.ports, nextId, nonce)).rejects.toMatchObject({ code: 'flow_unknown' });
    await expect(redirectFlow(setup.ports, nextId, null)).rejects.toMatchObject({ code: 'flow_unknown' });
    expect(await redirectFlow(setup.ports, nextId, next?.nonce ?? null)).toContain('client_id');
  });

  it('needs the nonce of the first, and a second yes starts no second flow', async () => {
    const { id, nonce } = await asked(['mingle']);
    const { nonce: foreign } = await asked([]);
    await expect(acceptAndGoOn(setup.ports, id, foreign)).rejects.toMatchObject({ code: 'flow_unknown' });
    await acceptAndGoOn(setup.ports, id, nonce);
    await expect(acceptAndGoOn(setup.ports, id, nonce)).rejects.toMatchObject({ code: 'flow_step' });
    const pending = await setup.stores.flows.pending(alice, setup.clock.now());
    const further = pending.filter(({ provider }) => provider === 'mingle');
    expect(further).toHaveLength(1);
    // A frame is shown it when the first is done.
    const shown = await listPendingFlows(setup.ports, alice);
    expect(shown.map(({ flow }) => flow)).not.toContain(further[0]?.id);
  });

  it('shows its code first where one is typed, and what comes next ends with a code that never was', async () => {
    const { ports } = setup;
    const linked = { ...gocd, connectMode: 'code' } as const;
    const host = (id: string) => (id === linked.id ? linked : undefined);
    const coded = {
      ports: { ...ports, directory: replacing(ports.directory, { host }) },
      stores: setup.stores,
    };
    const { id, nonce } = await asked(['mingle'], { as: coded, via: 'fragment' });
    const { accepted, next } = await acceptAndGoOn(coded.ports, id, nonce);
    expect(accepted.status).toBe('coded');
    expect(next?.flow).toMatchObject({ provider: 'mingle', status: 'opened', mode: 'code', after: 'github' });
    // The frame is to ask for the code first, and no other browser is led on.
    const pending = await listPendingFlows(coded.ports, alice);
    expect(pending.map(({ provider }) => provider)).toEqual(['github']);
    const nextNonce = next?.nonce ?? null;
    const nonces = { of: () => nextNonce, all: () => [] };
    expect((await findNext(coded.ports, accepted, nonces))?.id).toBe(next?.flow.id);
    expect(await findNext(coded.ports, accepted, { ...nonces, of: () => nonce })).toBeNull();
    await cancelFlow(coded.ports, id, nonce);
    expect(await listPendingFlows(coded.ports, alice)).toEqual([]);
  });

  it('passes by what is connected already, unknown, or not the host’s to connect', async () => {
    await stepsOf(setup).connect('ada', 'mingle');
    const { id, nonce } = await asked(['mingle', 'nowhere', 'gitlab', 'jira']);
    expect((await acceptAndGoOn(setup.ports, id, nonce)).next).toBeNull();
  });
});
