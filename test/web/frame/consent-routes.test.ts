import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acceptFlow } from '../../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../../src/connect/consent/finish-flow.js';
import { openFlow } from '../../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../../src/connect/consent/redirect-flow.js';
import { Secret } from '../../../src/domain/secret.js';
import { Browser } from '../../connect/connect-setup.js';
import { type GadgetServer, startGadgetServer } from '../../support/gadget-server.js';
import { launcher } from './launching.js';

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeEach(async () => {
  server = await startGadgetServer();
  page = launcher(server);
});
afterEach(() => server.close());

type Fields = Readonly<Record<string, unknown>>;
const call = async (bearer: string, route: string, json?: unknown): Promise<Fields> => {
  const { status, text } = await page.api(bearer, route, json === undefined ? {} : { json });
  return { http: status, ...(JSON.parse(text) as Fields) };
};
const begin = (bearer: string, more: Fields = {}): Promise<Fields> =>
  call(bearer, '/frame/flows', { provider: 'mingle', intent: 'connect', ...more });

/** The popup's part, up to the second question's yes. */
const consent = async (ticket: unknown): Promise<void> => {
  const browser = new Browser();
  const { flow, nonce } = await openFlow(server.ports, new Secret(String(ticket)), 'opener', new Browser());
  browser.keep(flow.id, nonce);
  const state = new URL(await redirectFlow(server.ports, flow.id, nonce)).searchParams.get('state') ?? '';
  const query = new URLSearchParams({ state, code: 'code-of-ann' });
  await finishFlow(server.ports, 'mingle', query, { nonces: browser });
  await acceptFlow(server.ports, flow.id, nonce);
};

describe('a frame’s consents', () => {
  it('start with a ticket that is handed to the popup, and end in a Connection when a frame asks', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    const started = await begin(bearer);
    expect(started).toMatchObject({ http: 200, connectUrl: `${server.siteOrigin}/connect`, expiresIn: 120 });
    const route = `/frame/flows/${String(started.flow)}`;
    expect(await call(bearer, route)).toMatchObject({ status: 'started', provider: 'mingle' });
    await consent(started.ticket);
    expect(await server.ports.stores.connections.ofViewer(server.asked[0]?.viewer ?? never())).toEqual([]);
    expect(await call(bearer, route)).toMatchObject({ status: 'active' });
    expect(await call(bearer, route)).toMatchObject({ status: 'active' });
    expect(await server.ports.stores.connections.ofViewer(server.asked[0]?.viewer ?? never())).toHaveLength(
      1,
    );
  });

  it('are found by a frame launched later, and by no other viewer', async () => {
    const first = await page.opened({ sub: 'ann' });
    const { flow } = await begin(first.bearer);
    const later = await page.opened({ sub: 'ann' });
    expect(await call(later.bearer, '/frame/flows')).toMatchObject({
      flows: [{ flow, provider: 'mingle', status: 'started' }],
    });
    const bob = await page.opened({ sub: 'bob' });
    expect(await call(bob.bearer, '/frame/flows')).toMatchObject({ flows: [] });
    expect(await call(bob.bearer, `/frame/flows/${String(flow)}`)).toMatchObject({
      http: 409,
      code: 'viewer_changed',
    });
  });

  it('are refused for providers the gadget does not use or the host may not use', async () => {
    const { bearer } = await page.opened();
    expect(await begin(bearer, { provider: 'gocd' })).toMatchObject({
      http: 403,
      code: 'provider_not_allowed',
    });
    expect(await begin(bearer, { intent: 'steal' })).toMatchObject({ http: 400, code: 'body_invalid' });
    expect(await begin(bearer, { provider: ['mingle'] })).toMatchObject({ http: 400 });
    expect(await call(bearer, '/frame/flows/nothing')).toMatchObject({ http: 404, code: 'flow_unknown' });
  });

  it('need the bearer token of a live session, from the frame itself', async () => {
    const { bearer } = await page.opened();
    const json = { provider: 'mingle', intent: 'connect' };
    expect((await page.api(null, '/frame/flows', { json })).status).toBe(401);
    expect((await page.api(bearer, '/frame/flows', { json, origin: server.siteOrigin })).status).toBe(403);
    server.clock.pass(16 * 60_000);
    for (const route of ['/frame/flows', '/frame/disconnect', '/frame/tickets'])
      expect((await page.api(bearer, route, { json })).status).toBe(401);
  });
});

describe('a frame’s menu', () => {
  it('disconnects, and says what became of the permission', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    const { flow, ticket } = await begin(bearer);
    await consent(ticket);
    await call(bearer, `/frame/flows/${String(flow)}`);
    expect(await call(bearer, '/frame/disconnect', { provider: 'mingle' })).toMatchObject({
      http: 200,
      message: expect.stringContaining('Mingle is disconnected'),
    });
    expect(await call(bearer, '/frame/disconnect', { provider: 'mingle' })).toMatchObject({
      http: 404,
      code: 'connection_unknown',
    });
  });

  it('opens My connections with a ticket that opens no consent', async () => {
    const { bearer } = await page.opened({ sub: 'ann', name: 'Ann' });
    const given = await call(bearer, '/frame/tickets', {});
    expect(given).toMatchObject({ http: 200, connectionsUrl: `${server.siteOrigin}/connections` });
    await expect(
      openFlow(server.ports, new Secret(String(given.ticket)), 'opener', new Browser()),
    ).rejects.toMatchObject({
      code: 'ticket_invalid',
    });
  });
});

const never = (): never => {
  throw new Error('nothing was rendered');
};
