import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { issueTicket } from '../../../src/connect/viewers-connections.js';
import { alice, bob } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { installClock, pressArmed } from '../../support/armed.js';
import { launchBrowser, newPerson } from '../../support/browser.js';
import { type SiteApp, startSite } from './site-app.js';

/** A page that opens one of ours and answers its `ready` with the ticket it has, as a frame does. */
const opener = (url: string, ticket: string, answersTo: string): string => `<!doctype html>
<button>Open</button><script>
document.querySelector('button').onclick = () => {
  const popup = open('${url}', '_blank', 'popup');
  addEventListener('message', (event) => {
    const message = { oriel: 1, type: 'ticket', ticket: '${ticket}', n: event.data.n };
    if (event.origin === '${answersTo}') popup.postMessage(message, '${answersTo}');
  });
  setInterval(() => popup.postMessage({ oriel: 1, type: 'ticket', ticket: '${ticket}', n: 'guess' }, '*'), 50);
};
</script>`;

/** A provider that cuts its pages off from the page that opened them, as real ones do. */
const startProvider = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const back = `${query.get('redirect_uri')}?state=${query.get('state')}&amp;code=code-of-ada`;
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>Provider</title><a href="${back}">Allow</a>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
};

describe('The popup, in a browser', () => {
  let browser: Browser;
  let site: SiteApp;
  let person: BrowserContext;
  let provider: Server;

  beforeAll(async () => {
    browser = await launchBrowser();
    provider = await startProvider();
  });
  afterAll(async () => {
    await browser.close();
    provider.closeAllConnections();
    provider.close();
  });
  beforeEach(async () => {
    site = await startSite();
    const authorizationEndpoint = `http://localhost:${(provider.address() as AddressInfo).port}/authorize`;
    await site.change('github', { authorizationEndpoint });
    person = await newPerson(browser);
  });
  afterEach(async () => {
    await person.close();
    await site.close();
  });

  const openFrom = async (origin: string, path: string, ticket: string): Promise<Page> => {
    await person.route(`${origin}/opener`, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: opener(site.siteOrigin + path, ticket, site.siteOrigin),
      }),
    );
    const page = await person.newPage();
    await page.goto(`${origin}/opener`);
    const [popup] = await Promise.all([person.waitForEvent('page'), page.click('button')]);
    return popup;
  };
  const started = async () => {
    const ticket = await site.ticket();
    const [flow] = await site.stores.flows.pending(alice, site.clock.now());
    return { ticket, flow: flow?.id ?? '' };
  };
  const statusOf = async (flow: string) => (await site.stores.flows.byId(flow))?.status;

  it('goes from the gadget’s ticket through a provider that cuts the opener off to a Connection', async () => {
    const { ticket, flow } = await started();
    await installClock(person);
    const popup = await openFrom(site.gadgetOrigin, '/connect', ticket);
    await pressArmed(popup, 'Continue to GitHub');
    await popup.getByRole('link', { name: 'Allow' }).click();
    await popup.getByText('You signed in to GitHub as').waitFor();
    expect(popup.url()).not.toContain('code');
    await pressArmed(popup, 'Connect');
    await popup.getByText('You’re connected').waitFor();
    expect((await activateFlow(site.ports, flow, alice)).status).toBe('active');
  });

  it('T1: explains itself when no page opened it', async () => {
    const page = await person.newPage();
    await page.goto(`${site.siteOrigin}/connect`);
    await page.getByRole('heading', { name: 'Press Connect in the gadget' }).waitFor();
    expect(await person.cookies()).toEqual([]);
  });

  it('T4: takes no ticket from a page that is not the gadget’s', async () => {
    const { ticket, flow } = await started();
    await person.clock.install();
    const popup = await openFrom('http://evil.test', '/connect', ticket);
    await popup.getByText('This window is asking the gadget').waitFor();
    await popup.waitForLoadState();
    // It asks again after a second.
    await person.clock.runFor(1500);
    // A ticket that it had taken would have been sent by now.
    await popup.waitForTimeout(300);
    expect(await statusOf(flow)).toBe('started');
    expect(await person.cookies()).toEqual([]);
  });

  it('T7: ignores a click that comes too soon, and one that a script made', async () => {
    const { ticket, flow } = await started();
    // The time that is too soon stands still.
    await person.clock.install({ time: 0 });
    await person.clock.pauseAt(1000);
    const popup = await openFrom(site.gadgetOrigin, '/connect', ticket);
    const button = popup.getByRole('button', { name: 'Continue to GitHub' });
    await button.waitFor();
    const box = await button.boundingBox();
    await popup.mouse.click((box?.x ?? 0) + 5, (box?.y ?? 0) + 5);
    expect(await button.isDisabled()).toBe(true);
    expect(await statusOf(flow)).toBe('opened');
    await person.clock.runFor(900);
    expect(await button.isEnabled()).toBe(true);
    expect(await statusOf(flow)).toBe('opened');
    await button.evaluate((element: unknown) => (element as { click(): void }).click());
    await popup.waitForTimeout(300);
    expect(await statusOf(flow)).toBe('opened');
    await button.click();
    await popup.getByRole('link', { name: 'Allow' }).waitFor();
  });

  it('shows its question again when it is reloaded', async () => {
    const { ticket } = await started();
    const popup = await openFrom(site.gadgetOrigin, '/connect', ticket);
    await popup.getByRole('button', { name: 'Continue to GitHub' }).waitFor();
    await popup.reload();
    await popup.getByRole('button', { name: 'Continue to GitHub' }).waitFor();
    expect(popup.url()).toContain('/connect/finish?flow=');
  });

  it('shows the connections of the viewer whom the gadget names now, not of the one before', async () => {
    await stepsOf(site).connect('ada');
    await stepsOf(site).connect('bo', 'github', bob);
    for (const [viewer, account] of [
      [alice, 'ada'],
      [bob, 'bo'],
    ] as const) {
      const { ticket } = await issueTicket(site.ports, viewer, viewer.sub);
      const popup = await openFrom(site.gadgetOrigin, '/connections', ticket.reveal());
      await expect.poll(() => popup.url()).toMatch(/\?mine$/);
      await expect.poll(() => popup.locator('.connection strong').allTextContents()).toEqual([account]);
      await person.unrouteAll();
    }
  });
});
