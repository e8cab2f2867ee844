import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installClock, pressArmed } from '../support/armed.js';
import { faultsOf, overhangOf } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { type HostPage, startHostPage } from '../support/host-page.js';
import { HOST_SECRET } from '../support/host-token.js';
import { createTestServer } from '../support/test-server.js';
import { startTokenServer, type TokenServer, tokenProviders } from '../support/token-server.js';

const OF_ANN = 'tok-of-ann-5f2c9a7781d0e3b64c11';
const OF_BOB = 'tok-of-bob-771d0e3b64c5f2c9a722';
const ELEMENT =
  '<oriel-gadget id="one" host="gocd" gadget="gocd-pipelines" token-url="/oriel-token"></oriel-gadget>';

let browser: Browser;
let api: TokenServer;
beforeAll(async () => {
  browser = await launchBrowser();
  api = await startTokenServer();
  api.tokens.set(OF_ANN, 'ann').set(OF_BOB, 'bob');
});
afterAll(async () => {
  await browser.close();
  await api.close();
});

const belongsTo = (tab: Page, account: string): Promise<void> =>
  tab.getByText('This token belongs to the GoCD account').getByText(account).waitFor();

describe.each(['reauth', 'code'] as const)(
  'A token that is pasted on a page that a link opened, mode %s',
  (mode) => {
    let host: HostPage;
    let oriel: Awaited<ReturnType<typeof createTestServer>>;
    beforeAll(async () => {
      host = await startHostPage();
      const connect = mode === 'reauth' ? { mode, url: `${host.origin}/oriel-connect` } : { mode };
      oriel = await createTestServer({
        hosts: {
          gocd: {
            ...{ name: 'Portal', origins: [host.origin], key: { algorithm: 'HS256', secret: HOST_SECRET } },
            ...{ gadgets: ['gocd-pipelines'], providers: ['gocd'], connect },
          },
        },
        providers: { gocd: tokenProviders(api.url).gocd },
      });
      host.gadgetOrigin = oriel.gadgetOrigin;
      host.siteOrigin = oriel.siteOrigin;
      host.headers = { 'Cross-Origin-Opener-Policy': 'same-origin' };
      host.body = ELEMENT;
    });
    afterAll(() => Promise.all([oriel.close(), host.close()]));

    const opened = async (user: string) => {
      host.user = user;
      const context = await newPerson(browser);
      const page = await context.newPage();
      await installClock(context);
      await page.goto(host.origin);
      const gadget = page.locator('#one').frameLocator('iframe');
      await gadget.getByRole('button', { name: /^Connect GoCD/ }).click();
      const link = gadget.getByRole('link', { name: 'Open the connect page' });
      await link.waitFor();
      const address = (await link.getAttribute('href')) ?? '';
      const follow = async (): Promise<Page> => {
        const [tab] = await Promise.all([context.waitForEvent('page'), link.click()]);
        await tab.getByRole('heading', { name: 'Connect GoCD' }).waitFor();
        return tab;
      };
      return { context, page, gadget, follow, address };
    };
    const paste = async (tab: Page, token: string): Promise<void> => {
      await tab.getByLabel('Token', { exact: true }).fill(token);
      await pressArmed(tab, 'Check the token');
    };

    it('shows its viewer what it gives access to, also after a wrong one, another one and a reload', async () => {
      const { context, page, gadget, follow } = await opened('ann');
      const tab = await follow();
      for (const width of [280, 1440]) {
        await tab.setViewportSize({ width, height: 800 });
        expect(await overhangOf(tab)).toEqual([]);
      }
      expect(await faultsOf(tab)).toEqual([]);
      await tab.reload();
      await paste(tab, 'tok-that-is-wrong');
      await tab.getByRole('alert').getByText('GoCD doesn’t accept this.').waitFor();
      await paste(tab, OF_BOB);
      await belongsTo(tab, 'bob');
      await tab.getByRole('button', { name: 'Use another token' }).click();
      await tab.getByRole('heading', { name: 'Connect GoCD' }).waitFor();
      await paste(tab, OF_ANN);
      await belongsTo(tab, 'ann');
      await pressArmed(tab, 'Connect');
      if (mode === 'code') {
        const code = (await tab.locator('#oriel-code').textContent()) ?? '';
        await page.clock.runFor(1000);
        await gadget.getByLabel('Code', { exact: true }).last().fill(code);
        await gadget.getByRole('button', { name: 'Connect', exact: true }).click();
      }
      await page.clock.runFor(2500);
      await gadget.getByText('pipeline-of-ann').waitFor();
      await tab.getByRole('heading', { name: 'You’re connected' }).waitFor();
      await context.close();
    });

    it('is asked of no one else: not of another person of the host, nor in another browser of the same one', async () => {
      const { context, follow, address } = await opened('bob');
      const thief = await newPerson(browser);
      const elsewhere = await thief.newPage();
      if (mode === 'reauth') {
        // Someone else opens the link first: their host says who they are.
        host.user = 'mallory';
        await elsewhere.goto(address);
        await elsewhere.getByRole('heading', { name: 'GoCD wasn’t connected' }).waitFor();
        expect(await elsewhere.getByLabel('Token', { exact: true }).count()).toBe(0);
      } else {
        const tab = await follow();
        await paste(tab, OF_BOB);
        await elsewhere.goto(address);
        await elsewhere.getByText('already open in another window').waitFor();
        await elsewhere.goto(tab.url());
        expect(await elsewhere.locator('body').textContent()).not.toContain('bob');
      }
      await thief.close();
      await context.close();
    });
  },
);
