import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pressArmed } from '../support/armed.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { LIGHT, PICTURING, picture } from './pictures.js';

const ports = ['--port-base', PICTURING ? '8153' : '0'];
const demo = spawn(process.execPath, ['dist/demo/main.js', '--json', ...ports], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let hostPage: string;
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
  const [line] = await once(demo.stdout, 'data');
  hostPage = JSON.parse(String(line)).host;
});
afterAll(async () => {
  await browser.close();
  demo.kill('SIGTERM');
  await once(demo, 'exit');
});

const signIn = async (page: Page, name: string): Promise<void> => {
  await page.locator('input[name="user[login]"]').fill(name);
  await page.locator('input[name="user[password]"]').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

const gadgetOf = (page: Page): FrameLocator => page.locator('oriel-gadget').first().frameLocator('iframe');

/** From the host's page over Connect and Mingle to the second question, in its window. */
const visit = async (name: string, context: BrowserContext): Promise<{ page: Page; popup: Page }> => {
  const page = await context.newPage();
  await page.goto(hostPage);
  await signIn(page, name);
  const opening = page.waitForEvent('popup');
  await gadgetOf(page).getByRole('button', { name: 'Connect' }).click();
  const popup = await opening;
  await pressArmed(popup, /^Continue/);
  await signIn(popup, name);
  await popup.getByRole('button', { name: 'Yes' }).click();
  await popup.locator('button[data-oriel-arm]').first().waitFor();
  await popup.waitForLoadState();
  await popup.locator('button[data-oriel-arm]:enabled').first().waitFor();
  return { page, popup };
};

describe('The demo, as the README shows it', () => {
  it('shows Ann what Mingle shows her, once she said yes twice', async () => {
    const context = await newPerson(browser, { ...LIGHT, viewport: { width: 1200, height: 800 } });
    const { page, popup } = await visit('ann', context);
    await popup.setViewportSize({ width: 560, height: 560 });
    await picture(popup, 'consent', 560);
    await pressArmed(popup, 'Connect');
    await gadgetOf(page).getByText('Dark colours at night').waitFor();
    await picture(page, 'demo', 800);

    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 900 });
    await page.reload();
    await gadgetOf(page).getByText('Dark colours at night').waitFor();
    await picture(page, 'narrow-dark', 900);
  });

  it('refuses Bob in the provider’s own words', async () => {
    const { page, popup } = await visit('bob', await newPerson(browser));
    await pressArmed(popup, 'Connect');
    const frame = gadgetOf(page).locator('[data-oriel-state="no-access"]');
    await frame.first().waitFor();
    expect(await frame.first().textContent()).toContain('Mingle');
  });
});
