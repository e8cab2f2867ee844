import type { ConnectDeps } from '../../src/connect/connect-deps.js';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow } from '../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../src/connect/consent/finish-flow.js';
import { openFlow } from '../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../src/connect/consent/redirect-flow.js';
import { startFlow } from '../../src/connect/consent/start-flow.js';
import type { Connection } from '../../src/domain/connection.js';
import type { Viewer } from '../../src/domain/viewer.js';
import { alice, Browser, type ConnectSetup } from './connect-setup.js';

/** The steps of a consent, each as a browser and a frame take it. */
export const stepsOf = ({
  ports,
  stores,
}: { readonly ports: ConnectDeps } & Pick<ConnectSetup, 'stores'>) => {
  const steps = {
    begin: (provider = 'github', viewer: Viewer = alice) =>
      startFlow(ports, {
        viewer,
        profile: { name: viewer.sub, email: null },
        gadget: 'reviews',
        provider,
        intent: 'connect',
      }),
    /** Up to the redirect to the provider; returns the flow and its `state`. */
    async depart(browser: Browser, provider = 'github', viewer: Viewer = alice) {
      const { ticket } = await steps.begin(provider, viewer);
      const { flow, nonce } = await openFlow(ports, ticket, 'opener', new Browser());
      browser.keep(flow.id, nonce);
      const url = new URL(await redirectFlow(ports, flow.id, nonce));
      return { flow: flow.id, nonce, url, state: url.searchParams.get('state') ?? '' };
    },
    /** The provider's answer arrives in `browser`. */
    callback: (browser: Browser, query: Readonly<Record<string, string>>, provider = 'github') =>
      finishFlow(ports, provider, new URLSearchParams(query), { nonces: browser }),
    /** Up to the second question. */
    async consent(browser: Browser, account: string, provider = 'github', viewer: Viewer = alice) {
      const { flow, state, nonce } = await steps.depart(browser, provider, viewer);
      await steps.callback(browser, { state, code: `code-of-${account}` }, provider);
      return { flow, nonce };
    },
    async accepted(account: string, provider = 'github', viewer: Viewer = alice) {
      const browser = new Browser();
      const { flow, nonce } = await steps.consent(browser, account, provider, viewer);
      await acceptFlow(ports, flow, nonce);
      return flow;
    },
    /** All of it. */
    async connect(account: string, provider = 'github', viewer: Viewer = alice): Promise<Connection> {
      const { status } = await activateFlow(ports, await steps.accepted(account, provider, viewer), viewer);
      const connection = await stores.connections.find(viewer, provider);
      if (status !== 'active' || connection === null) throw new Error(`not connected: ${status}`);
      return connection;
    },
  };
  return steps;
};
