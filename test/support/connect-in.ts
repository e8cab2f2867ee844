import { activate } from '../../src/connect/consent/activate.js';
import { begin } from '../../src/connect/consent/begin.js';
import { accept } from '../../src/connect/consent/decision.js';
import { finish } from '../../src/connect/consent/finish.js';
import { open } from '../../src/connect/consent/open.js';
import { redirect } from '../../src/connect/consent/redirect.js';
import type { Connection } from '../../src/domain/connection.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { Browser } from '../connect/world.js';
import type { GadgetServer } from './gadget-server.js';

/** A Connection of this viewer of `gocd` to `mingle`, made through the whole consent on a gadget server. */
export const connectIn = async ({ ports }: GadgetServer, sub: string): Promise<Connection> => {
  const viewer = viewerOf('gocd', sub);
  const profile = { name: sub, email: null };
  const { ticket } = await begin(ports)({
    viewer,
    profile,
    gadget: 'example',
    provider: 'mingle',
    intent: 'connect',
  });
  const browser = new Browser();
  const { flow, nonce } = await open(ports)(ticket, 'opener', browser);
  browser.keep(flow.id, nonce);
  const state = new URL(await redirect(ports)(flow.id, nonce)).searchParams.get('state') ?? '';
  await finish(ports)('mingle', new URLSearchParams({ state, code: `code-of-${sub}` }), browser);
  await accept(ports)(flow.id, nonce);
  await activate(ports)(flow.id, viewer);
  const connection = await ports.stores.connections.find(viewer, 'mingle');
  if (connection === null) throw new Error(`${sub} is not connected`);
  return connection;
};
