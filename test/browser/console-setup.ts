import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Server } from '../../src/server.js';
import { freePort } from '../cli/command-line.js';
import { startMingle } from '../demo/mingle/start-mingle.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { HOST_SECRET } from '../support/host-token.js';
import { createTestServer } from '../support/test-server.js';
import { at } from './by-keyboard.js';

const PASSWORD = 'four words in a row';
const CLIENT = { id: 'a'.repeat(32), secret: 'b'.repeat(64) };

/** The whole server with its console, Mingle, and a browser. */
export interface ConsoleSetup {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly browser: Browser;
  /** All that the server logged. */
  lines(): readonly string[];
  /** A page of an administrator who is signed in; the first time it is made by the link of the first run. */
  signedIn(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

const signIn = async (page: Page, siteOrigin: string): Promise<void> => {
  await page.goto(`${siteOrigin}/admin/sign-in?to=/admin/server`);
  await page.locator('input[name="name"]').fill('ruth');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.locator('main form button').first().click();
  await at(page, 'Server');
};

const firstRun = async (page: Page, server: Server): Promise<void> => {
  const invitation = await server.inviteFirst();
  if (invitation === null) throw new Error('There is an administrator already.');
  await page.goto(invitation.link.reveal());
  await page.locator('input[name="name"]').fill('ruth');
  for (const field of await page.locator('input[type="password"]').all()) await field.fill(PASSWORD);
  await page.locator('main form button').first().click();
  await at(page, 'Sign in');
};

export const setUpConsole = async (): Promise<ConsoleSetup> => {
  const [port, minglePort] = [await freePort(), await freePort()];
  const gadgetOrigin = `http://127.0.0.1:${port}`;
  const siteOrigin = `http://localhost:${port}`;
  const mingleUrl = `http://localhost:${minglePort}`;
  const mingle = await startMingle({
    port: minglePort,
    url: mingleUrl,
    clients: [{ name: 'Oriel', redirectUri: `${siteOrigin}/connect/callback/mingle`, ...CLIENT }],
    controlSecret: 'control',
  });
  const configuration = {
    hosts: {
      wiki: {
        name: 'The wiki',
        origins: ['http://localhost:4000'],
        key: { algorithm: 'HS256', secret: HOST_SECRET },
        gadgets: ['mingle-cards'],
        providers: ['mingle'],
      },
    },
    providers: {
      mingle: {
        preset: 'mingle',
        name: 'Mingle',
        url: mingleUrl,
        client: CLIENT,
        allowAddresses: ['127.0.0.0/8', '::1/128'],
      },
    },
  };
  const oriel = await createTestServer(configuration, { port, logLevel: 'info' });
  const browser = await launchBrowser();
  let hasAdmin = false;
  return {
    gadgetOrigin,
    siteOrigin,
    browser,
    lines: () => oriel.lines,
    async signedIn(options = {}) {
      const context = await newPerson(browser, options);
      const page = await context.newPage();
      if (!hasAdmin) await firstRun(page, oriel.server);
      hasAdmin = true;
      await signIn(page, siteOrigin);
      return page;
    },
    async close() {
      await browser.close();
      await oriel.close();
      await mingle.close();
    },
  };
};
