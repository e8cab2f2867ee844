import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { installClock, pressArmed } from '../support/armed.js';
import { fragment } from '../support/gadget-server.js';
import { setUpBrowser, type Visit } from './browser-setup.js';
import { startProviderPage } from './provider-page.js';

export type LinksSetup = Awaited<ReturnType<typeof setUpLinks>>;

/** A host page that isolates its windows, so that only a link leads to the connect page. */
export const setUpLinks = async (connectMode: 'reauth' | 'code', named = false) => {
  const mingle = await startProviderPage();
  const setup = await setUpBrowser({ providers: [mingle.provider], connectMode, named });
  setup.host.headers = { 'Cross-Origin-Opener-Policy': 'same-origin' };
  setup.oriel.render(async ({ viewer }) => {
    const connection = await setup.oriel.ports.stores.connections.find(viewer, 'mingle');
    if (connection?.status === 'active') return fragment(`<p>cards of ${viewer.sub}</p>`);
    const button = '<button data-oriel-action="connect" data-oriel-provider="mingle">Connect Mingle</button>';
    return fragment(button, { state: 'connect', fetchedAt: null });
  });

  /** Whose gadget follows the consent. */
  let asking: Visit | null = null;
  const link = (visit: Visit, id = 'one'): Locator =>
    visit.gadget(id).getByRole('link', { name: 'Open the connect page' });
  return {
    ...setup,
    visit: (options: BrowserContextOptions = {}) =>
      setup.visit(options, (page) => installClock(page.context())),
    mode: connectMode,
    link,
    /** Presses Connect, which shows the link. */
    async press(visit: Visit, id = 'one'): Promise<Locator> {
      asking = visit;
      await visit.gadget(id).getByRole('button', { name: 'Connect Mingle' }).click();
      await link(visit, id).waitFor();
      return link(visit, id);
    },
    /** Opens the link as a person does; returns the new tab. */
    async follow(visit: Visit, id = 'one'): Promise<Page> {
      const [tab] = await Promise.all([visit.context.waitForEvent('page'), link(visit, id).click()]);
      return tab;
    },
    /** Another person's browser, signed in to the host as `user`, at an address they were sent. */
    async stranger(visit: Visit, user: string, address: string): Promise<Page> {
      const options: BrowserContextOptions = { ignoreHTTPSErrors: true };
      const context = await visit.context.browser()?.newContext(options);
      if (context === undefined) throw new Error('no browser');
      await installClock(context);
      await context.addCookies([{ name: 'user', value: user, url: setup.host.origin }]);
      const page = await context.newPage();
      await page.goto(address);
      return page;
    },
    /** From the first question over the provider to the yes. */
    async agree(tab: Page): Promise<void> {
      await pressArmed(tab, /^Continue/);
      await tab.getByRole('link', { name: 'Allow' }).click();
      await pressArmed(tab, 'Connect');
      await tab.getByRole('button', { name: 'Connect', exact: true }).waitFor({ state: 'hidden' });
      // It asks once a second how far it is.
      await asking?.page.clock.runFor(1000);
    },
    codeOn: async (tab: Page): Promise<string> => (await tab.locator('#oriel-code').textContent()) ?? '',
    field: (visit: Visit, id = 'one'): Locator => visit.gadget(id).getByLabel('Code', { exact: true }).last(),
    content: (visit: Visit, id = 'one'): Locator => visit.gadget(id).getByText('cards of ann'),
    async close() {
      await setup.close();
      await mingle.close();
    },
  };
};
