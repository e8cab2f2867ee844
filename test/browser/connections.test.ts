import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { issueTicket } from '../../src/connect/viewers-connections.js';
import { alice } from '../connect/connect-setup.js';
import { stepsOf } from '../connect/steps.js';
import { faultsOf } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { type SiteApp, startSite } from '../web/site/site-app.js';
import { at } from './by-keyboard.js';

/** A provider where one is signed in as grace, and asked nothing. */
const provider = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const answer = new URLSearchParams({ state: searchParams.get('state') ?? '', code: 'code-of-grace' });
  response.writeHead(303, { location: `${searchParams.get('redirect_uri')}?${answer}` }).end();
});

let browser: Browser;
beforeAll(async () => {
  await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await new Promise((done) => provider.close(done));
});

let site: SiteApp;
let context: BrowserContext;
let page: Page;

/** My connections as a gadget's viewer finds it, with one Connection that works and one that has ended. */
beforeEach(async () => {
  site = await startSite();
  await site.change('github', {
    authorizationEndpoint: `http://localhost:${(provider.address() as AddressInfo).port}/authorize`,
    scopeDescriptions: { read: 'Read your issues' },
  });
  const steps = stepsOf(site);
  const { id } = await steps.connect('ada');
  await site.stores.connectionLists.used(id, 'reviews', site.clock.now());
  const ended = await steps.connect('ada', 'mingle');
  await site.stores.connections.expire(ended, 'revoked');
  site.clock.pass(1);
  context = await newPerson(browser);
  page = await context.newPage();
  await page.goto(`${site.siteOrigin}/`);
  const { ticket } = await issueTicket(site.ports, alice, 'Alice Example');
  await page.evaluate(
    ([secret]) =>
      fetch('/connections/open', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ticket: secret }),
      }),
    [ticket.reveal()],
  );
  await page.goto(`${site.siteOrigin}/connections?mine`);
});
afterEach(async () => {
  await context.close();
  expect(site.bugs()).toEqual([]);
  await site.close();
});

/** Goes on by the keyboard until what has the focus is called so. */
const tabTo = async (name: string): Promise<void> => {
  for (let steps = 0; steps < 40; steps += 1) {
    await page.keyboard.press('Tab');
    const focused = String(await page.evaluate('document.activeElement.textContent')).replace(/\s+/g, ' ');
    if (focused.trim().startsWith(name)) return;
  }
  throw new Error(`the keyboard does not reach “${name}”`);
};
const press = async (name: string): Promise<void> => {
  await tabTo(name);
  await page.keyboard.press('Enter');
};
const heading = (name: string | RegExp): Promise<void> => at(page, name);
/** Until the page's script has let its button be pressed. Before the script runs, it can be pressed too, but not for long. */
const armed = async (): Promise<void> => {
  await page.waitForLoadState();
  await page.locator('button[data-oriel-arm]:enabled').waitFor();
};

describe('My connections in a browser, by keyboard alone', () => {
  it('uses another account, from the page and back to it', async () => {
    await press('Use another account');
    await heading('Connect GitHub');
    await armed();
    await press('Continue to GitHub');
    await heading('Is this your GitHub account?');
    expect(await page.textContent('main')).toContain('grace');
    await armed();
    await press('Connect');
    await heading('My connections');
    expect(await page.textContent('[role=status]')).toContain('Connected.');
    // Beside it may stand the former one, which is being revoked.
    expect(await page.locator('.connection').filter({ hasText: 'grace' }).count()).toBe(1);
  });

  it('disconnects, and says what that did', async () => {
    await press('Disconnect GitHub');
    await page.getByRole('status').getByText('revoked the permission').waitFor();
    await page.waitForLoadState();
    expect(await page.locator('.connection').count()).toBe(1);
  });

  it('downloads a file of what is stored', async () => {
    const downloading = page.waitForEvent('download');
    await press('Download my data');
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('my-connections.json');
  });

  it('erases everything after one more question, or nothing', async () => {
    await press('Erase everything');
    await heading(/Erase everything/);
    await press('Cancel');
    await heading('My connections');
    await press('Erase everything');
    await heading(/Erase everything/);
    await press('Erase everything');
    await heading('Everything is erased');
    expect(await site.stores.connections.ofViewer(alice)).toEqual([]);
  });
});

describe('The pages of My connections', () => {
  it('write times in the zone of the browser, and name it', async () => {
    const storageState = await context.storageState();
    // Three quarters of an hour are in no other difference, so that nothing else could be taken for it.
    const theirs = await newPerson(browser, { timezoneId: 'Asia/Kathmandu', storageState });
    onTestFinished(() => theirs.close());
    const seen = await theirs.newPage();
    await seen.goto(`${site.siteOrigin}/connections?mine`);
    const zone = seen.locator('[data-oriel-zone]');
    await zone.getByText(/^Asia\/(?:Kathmandu|Katmandu)$/).waitFor();
    const times = await seen.locator('time[datetime]').evaluateAll((all) =>
      all.map((each) => ({
        utc: new Date(String(each.getAttribute('datetime'))).getUTCMinutes(),
        shown: Number(/:(\d\d)/.exec(String(each.textContent))?.[1]),
      })),
    );
    expect(times.length).toBeGreaterThan(0);
    for (const { utc, shown } of times) expect(shown).toBe((utc + 45) % 60);
  });

  it.each(['pointer', 'keyboard'] as const)(
    'box a focused heading for the keyboard alone (%s)',
    async (how) => {
      if (how === 'keyboard') await press('Use another account');
      else await page.getByText('Use another account').first().click();
      await heading('Connect GitHub');
      // As a page does that shows its next step without another one being loaded.
      const title = page.locator('h1');
      await title.evaluate((each) => each.setAttribute('tabindex', '-1'));
      await title.focus();
      await page.locator('h1:focus').waitFor();
      expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).outlineStyle")).toBe(
        how === 'keyboard' ? 'solid' : 'none',
      );
    },
  );

  const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [360, 1440].map((width) => ({ colorScheme, width })),
  );
  it.each(looks)('are accessible, and fit, $colorScheme at $width', async ({ colorScheme, width }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const look = async (name: string): Promise<void> => {
      expect([name, await faultsOf(page)]).toEqual([name, []]);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect([name, overflow]).toEqual([name, 0]);
      const folder = process.env.SHOTS;
      if (folder)
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    };
    await look('list');
    await page.goto(`${site.siteOrigin}/connections/erase`);
    await look('erase');
    site.server.revocation = 'failed';
    await page.getByRole('button', { name: 'Erase everything' }).click();
    await heading(/Erased, except/);
    await look('erased');
  });

  it('asks first in the session’s own page, accessibly', async () => {
    await page
      .getByRole('button', { name: /Use another account/ })
      .first()
      .click();
    await heading('Connect GitHub');
    expect(await faultsOf(page)).toEqual([]);
  });
});
