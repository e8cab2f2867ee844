import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type Koa from 'koa';
import type { ConnectDeps } from '../../../src/connect/connect-deps.js';
import { startFlow } from '../../../src/connect/consent/start-flow.js';
import type { Viewer } from '../../../src/domain/viewer.js';
import { guard } from '../../../src/net/address-guard.js';
import { Authorizer } from '../../../src/providers/authorizer.js';
import { systemClock } from '../../../src/server/node-system.js';
import { siteRoutes } from '../../../src/server.js';
import { originRouter, webApp } from '../../../src/web/app.js';
import { loadAssets } from '../../../src/web/load-assets.js';
import { errorPagesIn } from '../../../src/web/site/error-text.js';
import { alice, setUpConnect } from '../../connect/connect-setup.js';
import { type HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { ownViews } from '../../support/own-views.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** The OAuth client as it runs, but for the guard: what it calls is answered by nock and has no address. */
export const realClient = (): Authorizer =>
  new Authorizer({
    clock: systemClock,
    guardFor: () => ({ ...guard([]), refuses: () => false }),
  });

export type SiteApp = Awaited<ReturnType<typeof startSite>>;

/** The site origin on a port of loopback: real pages, real store; the provider is at the end of a port. */
export const startSite = async (
  given: { authorizer?: ConnectDeps['authorizer']; siteOrigin?: string } = {},
) => {
  const setup = await setUpConnect();
  let app: ReturnType<Koa['callback']>;
  const server = createServer((request, response) => void app(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const siteOrigin = given.siteOrigin ?? address;
  const gadgetOrigin = `http://localhost:${port}`;
  const ports: ConnectDeps = {
    ...setup.ports,
    siteOrigin,
    authorizer: given.authorizer ?? setup.ports.authorizer,
  };
  const bugs: unknown[] = [];
  const parts = {
    gadgetOrigin,
    siteOrigin,
    views: ownViews,
    assets: loadAssets(ROOT, () => [], gadgetOrigin),
    errorPages: errorPagesIn(ROOT),
  };
  app = webApp({
    ...parts,
    log: { request: () => {}, bug: (_, error) => void bugs.push(error) },
    trustedProxies: [],
    ready: { require: async () => {}, faultyGadgets: () => [] },
    frameRoutes: originRouter(),
    gadgetRoutes: originRouter(),
    siteRoutes: siteRoutes(parts, ports, {
      verifyFor: () => Promise.reject(new Error('no host answers here')),
    }),
  }).callback();

  const post = (browser: HttpBrowser, path: string, form: Readonly<Record<string, string>>) =>
    browser.send(siteOrigin + path, { origin: siteOrigin, form });
  const steps = {
    ticket: async (provider = 'github', viewer: Viewer = alice) => {
      const profile = { name: 'Alice <Smith>', email: 'alice@gocd.example' };
      const wish = { viewer, profile, gadget: 'reviews', provider, intent: 'connect' as const };
      return (await startFlow(ports, wish)).ticket.reveal();
    },
    open: (browser: HttpBrowser, ticket: string, extra: Readonly<Record<string, string>> = {}) =>
      browser.send(`${siteOrigin}/connect/open`, { origin: siteOrigin, json: { ticket, ...extra } }),
    /** Up to the redirect to the provider. */
    async depart(browser: HttpBrowser, provider = 'github') {
      const opened = await steps.open(browser, await steps.ticket(provider));
      const { flow } = JSON.parse(opened.text) as { flow: string };
      const url = new URL(redirectOf(await post(browser, '/connect/go', { flow }), siteOrigin));
      return { flow, url, state: url.searchParams.get('state') ?? '' };
    },
    callback: (browser: HttpBrowser, query: Readonly<Record<string, string>>, provider = 'github') =>
      browser.send(`${siteOrigin}/connect/callback/${provider}?${new URLSearchParams(query)}`),
    page: (browser: HttpBrowser, path: string) => browser.send(siteOrigin + path),
    post,
  };
  return {
    ...setup,
    ...steps,
    ports,
    address,
    siteOrigin,
    gadgetOrigin,
    bugs,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await setup.stores.close();
    },
  };
};
