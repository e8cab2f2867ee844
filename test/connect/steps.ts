import { activate } from '../../src/connect/consent/activate.js';
import { begin } from '../../src/connect/consent/begin.js';
import { accept } from '../../src/connect/consent/decision.js';
import { finish } from '../../src/connect/consent/finish.js';
import { open } from '../../src/connect/consent/open.js';
import { redirect } from '../../src/connect/consent/redirect.js';
import type { Connection } from '../../src/domain/connection.js';
import type { Viewer } from '../../src/domain/viewer.js';
import { alice, Browser, type World } from './world.js';

/** The steps of a consent, each as a browser and a frame take it. */
export const stepsOf = ({ ports, stores }: World) => {
  const steps = {
    begin: (provider = 'github', viewer: Viewer = alice) =>
      begin(ports)({
        viewer,
        profile: { name: viewer.sub, email: null },
        gadget: 'reviews',
        provider,
        intent: 'connect',
      }),
    /** Up to the provider's door; gives the flow and its `state`. */
    async depart(browser: Browser, provider = 'github', viewer: Viewer = alice) {
      const { ticket } = await steps.begin(provider, viewer);
      const { flow, nonce } = await open(ports)(ticket, 'opener', new Browser());
      browser.keep(flow.id, nonce);
      const url = new URL(await redirect(ports)(flow.id, nonce));
      return { flow: flow.id, nonce, url, state: url.searchParams.get('state') ?? '' };
    },
    /** The provider's answer arrives in `browser`. */
    callback: (browser: Browser, query: Readonly<Record<string, string>>, provider = 'github') =>
      finish(ports)(provider, new URLSearchParams(query), browser),
    /** Up to the second question. */
    async consent(browser: Browser, account: string, provider = 'github', viewer: Viewer = alice) {
      const { flow, state, nonce } = await steps.depart(browser, provider, viewer);
      await steps.callback(browser, { state, code: `code-of-${account}` }, provider);
      return { flow, nonce };
    },
    async accepted(account: string, provider = 'github', viewer: Viewer = alice) {
      const browser = new Browser();
      const { flow, nonce } = await steps.consent(browser, account, provider, viewer);
      await accept(ports)(flow, nonce);
      return flow;
    },
    /** All of it. */
    async connect(account: string, provider = 'github', viewer: Viewer = alice): Promise<Connection> {
      const { status } = await activate(ports)(await steps.accepted(account, provider, viewer), viewer);
      const connection = await stores.connections.find(viewer, provider);
      if (status !== 'active' || connection === null) throw new Error(`not connected: ${status}`);
      return connection;
    },
  };
  return steps;
};
