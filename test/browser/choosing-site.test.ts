import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installClock, pressArmed } from '../support/armed.js';
import { faultsInEveryLook, NARROW } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { type HostPage, startHostPage } from '../support/host-page.js';
import { HOST_SECRET } from '../support/host-token.js';
import { createTestServer } from '../support/test-server.js';

vi.setConfig({ testTimeout: 90_000 });

const LONG = 'Gamma tracker of the department for long names, on two lines';
const SITES = [
  { id: '11111111-aaaa', name: 'Acme <b>tracker</b>' },
  { id: '22222222-bbbb', name: 'Beta tracker' },
  { id: '33333333-cccc', name: LONG },
];

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

/** An application of which a person has several sites, with a consent page of one link. */
const startTracker = async (): Promise<{ readonly origin: string; readonly server: Server }> => {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/authorize') {
      const back = `${searchParams.get('redirect_uri')}?state=${searchParams.get('state')}&amp;code=c`;
      response.setHeader('Content-Type', 'text/html');
      return response.end(`<!doctype html><title>Tracker</title><a href="${back}">Allow</a>`);
    }
    if (pathname === '/token') {
      await text(request);
      return json(response, 200, { access_token: 'token', token_type: 'Bearer', expires_in: 3600 });
    }
    if (request.headers.authorization !== 'Bearer token') return json(response, 401, {});
    if (pathname === '/oauth/token/accessible-resources') return json(response, 200, SITES);
    if (pathname === '/me') return json(response, 200, { account_id: 'ann', name: 'ann' });
    const site = SITES.find(({ id }) => pathname === `/ex/jira/${id}/issues`);
    return site === undefined
      ? json(response, 404, {})
      : json(response, 200, { title: `Issues of ${site.name}` });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};

const GADGET = {
  'own/issues/gadget.yaml': JSON.stringify({
    ...{ title: 'Issues', description: 'Issues of a site.' },
    requests: { it: { provider: 'jira', ttl: 0, path: '/ex/jira/{facts.cloud}/issues' } },
  }),
  'own/issues/view.njk': '<p class="seen">{{ answers.it.data.title }}</p>',
};

let tracker: Awaited<ReturnType<typeof startTracker>>;
let host: HostPage;
let oriel: Awaited<ReturnType<typeof createTestServer>>;
let browser: Browser;

beforeAll(async () => {
  tracker = await startTracker();
  host = await startHostPage();
  const { origin } = tracker;
  const jira = {
    ...{ preset: 'jira', client: { id: 'oriel', secret: 'of-the-client' }, pkce: 'none', api: origin },
    ...{ authorizationEndpoint: `${origin}/authorize`, tokenEndpoint: `${origin}/token` },
    allowAddresses: ['127.0.0.0/8'],
  };
  const gocd = {
    ...{ name: 'Portal', origins: [host.origin], key: { algorithm: 'HS256', secret: HOST_SECRET } },
    ...{ gadgets: ['issues'], providers: ['jira'] },
  };
  oriel = await createTestServer(
    { gadgets: ['./own'], hosts: { gocd }, providers: { jira } },
    { files: GADGET, bundled: false },
  );
  host.gadgetOrigin = oriel.gadgetOrigin;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await Promise.all([oriel.close(), host.close()]);
  tracker.server.closeAllConnections();
  await new Promise((resolve) => tracker.server.close(resolve));
});

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly gadget: FrameLocator;
}

const visit = async (user: string, locale: string): Promise<Visit> => {
  host.user = user;
  host.body = `<oriel-gadget id="one" host="gocd" gadget="issues" locale="${locale}" token-url="/oriel-token"></oriel-gadget>`;
  const context = await newPerson(browser);
  const page = await context.newPage();
  await installClock(context);
  await page.goto(host.origin);
  return { context, page, gadget: page.locator('#one').frameLocator('iframe') };
};

/** The popup, where it asks which site. */
const asking = async ({ context, gadget }: Visit): Promise<Page> => {
  const button = gadget.locator('[data-oriel-action="connect"]');
  const [popup] = await Promise.all([context.waitForEvent('page'), button.click()]);
  await popup.locator('[data-oriel-arm]').waitFor();
  await pressArmed(popup, (await popup.locator('[data-oriel-arm]').textContent())?.trim() ?? '');
  await popup.getByRole('link', { name: 'Allow' }).click();
  await popup.getByRole('radio').first().waitFor();
  return popup;
};

describe('The page where a person chooses which of their sites is shown', () => {
  it('is read and used by keyboard, and My connections changes what was chosen', async () => {
    const ann = await visit('ann', 'en');
    const popup = await asking(ann);
    await popup.getByRole('group', { name: 'Site' }).waitFor();
    expect(await faultsInEveryLook([popup], NARROW.frame)).toEqual([]);
    expect(await popup.getByRole('radio').count()).toBe(3);
    await popup.getByRole('radio').first().focus();
    await popup.keyboard.press('ArrowDown');
    expect(await popup.getByRole('radio', { name: 'Beta tracker' }).isChecked()).toBe(true);
    await pressArmed(popup, 'Connect');
    await ann.gadget.getByText('Issues of Beta tracker').waitFor();

    await ann.gadget.locator('summary').first().click();
    const [mine] = await Promise.all([
      ann.context.waitForEvent('page'),
      ann.gadget.getByRole('button', { name: 'My connections' }).click(),
    ]);
    await mine.getByRole('radio', { name: LONG }).waitFor();
    expect(await faultsInEveryLook([mine], NARROW.frame)).toEqual([]);
    expect(await mine.getByRole('radio', { name: 'Beta tracker' }).isChecked()).toBe(true);
    await mine.getByRole('radio', { name: 'Beta tracker' }).focus();
    await mine.keyboard.press('ArrowDown');
    await mine.keyboard.press('Enter');
    await mine.getByText('Gadgets show this one now').waitFor();
    await ann.page.reload();
    await ann.gadget.getByText(`Issues of ${LONG}`).waitFor();
    await ann.context.close();
  });

  it.each(['de', 'ar'])('fits in %s, from right to left where that is so', async (locale) => {
    const visitor = await visit(`visitor-${locale}`, locale);
    const popup = await asking(visitor);
    expect(await popup.locator('html').getAttribute('lang')).toBe(locale);
    expect(await popup.locator('html').getAttribute('dir')).toBe(locale === 'ar' ? 'rtl' : 'ltr');
    expect(await faultsInEveryLook([popup], NARROW.frame)).toEqual([]);
    await visitor.context.close();
  });
});
