import { startFlow } from '../../../src/connect/consent/start-flow.js';
import type { Viewer } from '../../../src/domain/viewer.js';
import { createConnectServer } from '../../connect/connect-server.js';
import { alice } from '../../connect/connect-setup.js';
import { type HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import type { TestServerOptions } from '../../support/test-server.js';

export type SiteApp = Awaited<ReturnType<typeof startSite>>;

/** The pages of connect and My connections, and the steps of a person who uses them. */
export const startSite = async (
  config: Readonly<Record<string, unknown>> = {},
  options: Pick<TestServerOptions, 'gadgetOrigin' | 'siteOrigin'> = {},
) => {
  const oriel = await createConnectServer(config, options);
  const { ports, siteOrigin } = oriel;
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
  return { ...oriel, ...steps };
};
