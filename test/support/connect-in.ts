import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow } from '../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../src/connect/consent/finish-flow.js';
import { openFlow } from '../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../src/connect/consent/redirect-flow.js';
import { startFlow } from '../../src/connect/consent/start-flow.js';
import type { Connection } from '../../src/domain/connection.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { Browser } from '../connect/connect-setup.js';
import type { GadgetServer } from './gadget-server.js';

/** A Connection of this viewer of `gocd` to `mingle`, made through the whole consent on a gadget server. */
export const connectIn = async ({ ports }: GadgetServer, sub: string): Promise<Connection> => {
  const viewer = viewerOf('gocd', sub);
  const profile = { name: sub, email: null };
  const { ticket } = await startFlow(ports, {
    viewer,
    profile,
    gadget: 'example',
    provider: 'mingle',
    intent: 'connect',
  });
  const browser = new Browser();
  const { flow, nonce } = await openFlow(ports, ticket, 'opener', browser);
  browser.keep(flow.id, nonce);
  const state = new URL(await redirectFlow(ports, flow.id, nonce)).searchParams.get('state') ?? '';
  await finishFlow(ports, 'mingle', new URLSearchParams({ state, code: `code-of-${sub}` }), {
    nonces: browser,
  });
  await acceptFlow(ports, flow.id, nonce);
  await activateFlow(ports, flow.id, viewer);
  const connection = await ports.stores.connections.find(viewer, 'mingle');
  if (connection === null) throw new Error(`${sub} is not connected`);
  return connection;
};
