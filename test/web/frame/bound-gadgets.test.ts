import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptFlow } from '../../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../../src/connect/consent/finish-flow.js';
import { openFlow } from '../../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../../src/connect/consent/redirect-flow.js';
import { listConnections } from '../../../src/connect/viewers-connections.js';
import { Secret } from '../../../src/domain/secret.js';
import { Browser, mingle } from '../../connect/connect-setup.js';
import { exampleHost, type GadgetServer, startGadgetServer } from '../../support/gadget-server.js';
import { frameDataOf, launcher } from './launching.js';

const inside = { ...mingle, id: 'inside', name: 'Mingle inside' };
const host = {
  ...exampleHost(['http://localhost:8153']),
  gadgets: ['cards', 'example'],
  bindings: {
    cards: { gadget: 'example', providers: { mingle: 'inside' } },
    example: { gadget: 'example', providers: {} },
  },
  providers: ['mingle', 'inside'],
};

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeEach(async () => {
  server = await startGadgetServer({ hosts: [host], providers: [mingle, inside] });
  page = launcher(server);
});
afterEach(() => server.close());

const launched = async (name: string) => {
  const url = `${server.gadgetOrigin}/h/gocd/g/${name}`;
  return page.launch({ token: await page.token({ sub: 'ann', gadget: name }) }, {}, url);
};

const begin = async (bearer: string, provider: string): Promise<Readonly<Record<string, unknown>>> => {
  const { status, text } = await page.api(bearer, '/frame/flows', { json: { provider, intent: 'connect' } });
  return { http: status, ...JSON.parse(text) };
};

describe('A gadget that a host has twice', () => {
  it('is opened under each name, with the one style that both have', async () => {
    const cards = await launched('cards');
    await launched('example');
    expect(server.asked.map(({ gadget: { id, providers } }) => [id, providers])).toEqual([
      ['cards', ['inside']],
      ['example', ['mingle']],
    ]);
    const style = /\/assets\/gadget-example-[^"]+\.css/.exec(cards.text)?.[0] ?? '';
    expect((await page.get(`${server.gadgetOrigin}${style}`)).text).toContain('font-weight: bold');
  });

  it('is connected to the provider that plays its role, and to no other', async () => {
    const { bearer } = frameDataOf(await launched('cards'));
    expect(await begin(bearer, 'inside')).toMatchObject({ http: 200 });
    expect(await begin(bearer, 'mingle')).toMatchObject({ http: 403, code: 'provider_not_allowed' });
    const other = frameDataOf(await launched('example'));
    expect(await begin(other.bearer, 'mingle')).toMatchObject({ http: 200 });
    expect(await begin(other.bearer, 'inside')).toMatchObject({ http: 403, code: 'provider_not_allowed' });
  });

  it('is called by its title in My connections, and can be connected again there', async () => {
    const { bearer } = frameDataOf(await launched('cards'));
    const { ticket, flow: id } = await begin(bearer, 'inside');
    const browser = new Browser();
    const { flow, nonce } = await openFlow(server.ports, new Secret(String(ticket)), 'opener', new Browser());
    browser.keep(flow.id, nonce);
    const state = new URL(await redirectFlow(server.ports, flow.id, nonce)).searchParams.get('state') ?? '';
    const query = new URLSearchParams({ state, code: 'code-of-ann' });
    await finishFlow(server.ports, 'inside', query, { nonces: browser });
    await acceptFlow(server.ports, flow.id, nonce);
    await page.api(bearer, `/frame/flows/${String(id)}`);
    const viewer = server.asked[0]?.viewer;
    if (viewer === undefined) throw new Error('nothing was asked');
    const [made] = await server.ports.stores.connections.ofViewer(viewer);
    if (made === undefined) throw new Error('nothing was connected');
    await server.ports.stores.connectionLists.used(made.id, 'cards', server.clock.now());
    expect(await listConnections(server.ports, viewer)).toMatchObject([
      { provider: { name: 'Mingle inside' }, uses: [{ gadget: 'Card activity' }], canConnect: true },
    ]);
  });
});
