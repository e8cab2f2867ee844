import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../cli/command-line.js';
import { startMingle } from '../demo/mingle/start-mingle.js';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { createTestConsole, type TestConsole } from '../support/test-console.js';
import { at, press, type } from './by-keyboard.js';

const PASSWORD = 'four words in a row';
const CLIENT = { id: 'a'.repeat(32), secret: 'b'.repeat(64) };

const expectSound = async (page: Page): Promise<void> => {
  expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
};
const unfold = (page: Page) =>
  page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');

describe('Providers and hosts in a browser', () => {
  let testConsole: TestConsole;
  let mingle: Awaited<ReturnType<typeof startMingle>>;
  let url: string;
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const port = await freePort();
    url = `http://localhost:${port}`;
    testConsole = await createTestConsole();
    const redirectUri = `${testConsole.siteOrigin}/connect/callback/mingle`;
    const clients = [{ name: 'Oriel', redirectUri, ...CLIENT }];
    mingle = await startMingle({ port, url, clients, controlSecret: 'control' });
  });
  afterEach(async () => {
    await testConsole.close();
    await mingle.close();
  });

  const signedIn = async (look: BrowserContextOptions, path: string): Promise<Page> => {
    const page = await (await newPerson(browser, look)).newPage();
    await page.goto(`${testConsole.siteOrigin}/admin/sign-in?to=${encodeURIComponent(path)}`);
    await type(page, 'Name', 'ann');
    await type(page, 'Password', PASSWORD);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toBe(testConsole.siteOrigin + path);
    await page.waitForLoadState();
    return page;
  };

  const makeProvider = async (page: Page): Promise<void> => {
    await press(page, 'link', 'New provider');
    await at(page, 'New provider');
    await press(page, 'link', 'Mingle');
    await type(page, 'ID', 'Not an id');
    await type(page, 'Address', url);
    await type(page, 'Client ID', CLIENT.id);
    await type(page, 'Client secret', CLIENT.secret);
    await press(page, 'button', 'Save');
    await page.getByRole('alert').waitFor();
    expect(await page.title()).toMatch(/^Error: New provider/);
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
    await press(page, 'link', 'ID');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('id');
    await type(page, 'ID', 'mingle');
    await press(page, 'button', 'Dry run without saving');
    await page.getByRole('heading', { name: 'Dry run results' }).waitFor();
    await page.getByText('which is not allowed').first().waitFor();
    await page.locator('summary', { hasText: 'Network and trust' }).focus();
    await page.keyboard.press('Enter');
    await type(page, 'Private addresses it may have (optional)', '127.0.0.0/8\n::1/128');
    await press(page, 'button', 'Save');
    await at(page, 'mingle');
    await page.getByText('Set').first().waitFor();
    await press(page, 'button', 'Start dry run');
    await at(page, 'Dry run of mingle');
    expect(await page.locator('.dry-run-green').count()).toBeGreaterThan(2);
  };

  const makeHost = async (page: Page): Promise<void> => {
    await press(page, 'link', 'Hosts');
    await press(page, 'link', 'New host');
    await at(page, 'New host');
    await type(page, 'ID', 'wiki');
    await type(page, 'Origins of its pages', 'https://wiki.example.com');
    await press(page, 'checkbox', 'Cards mingle-cards', 'Space');
    await press(page, 'checkbox', 'mingle', 'Space');
    await press(page, 'button', 'Save');
    await at(page, 'wiki was saved');
    const secret = (await page.locator('pre').first().textContent()) ?? '';
    expect(secret).toMatch(/^[\w-]{43}$/);
    await press(page, 'link', 'I’ve copied it');
    await at(page, 'wiki');
    expect(await page.content()).not.toContain(secret);
    await press(page, 'link', 'Embed Cards');
    await at(page, /^Embed Cards in/);
  };

  it.each([true, false])(
    'go from nothing to a snippet, and away again, by keyboard alone (script: %s)',
    async (javaScriptEnabled) => {
      const viewport = { width: javaScriptEnabled ? 1440 : 360, height: 900 };
      const page = await signedIn({ javaScriptEnabled, viewport }, '/admin');
      await page.getByRole('heading', { name: 'Get started' }).waitFor();
      await makeProvider(page);
      await makeHost(page);
      for (const [section, name] of [
        ['Hosts', 'wiki'],
        ['Providers', 'mingle'],
      ] as const) {
        await press(page, 'link', section);
        await press(page, 'link', name);
        await press(page, 'link', `Remove ${name}…`);
        await at(page, `Remove ${name}?`);
        await press(page, 'button', `Remove ${name}`);
        await expect.poll(() => page.url()).toMatch(/\/admin\/bulk-disconnects\//);
        await page.getByText(`Removed ${name}.`).waitFor();
      }
      await page.context().close();
    },
    60_000,
  );

  it('have no fault that axe-core finds and never scroll sideways, in light and dark, wide and narrow', async () => {
    const long = 'long-name-'.repeat(7);
    const page = await signedIn(WIDE_LIGHT, '/admin/providers/new');
    await expectSound(page);
    await page.goto(`${testConsole.siteOrigin}/admin/providers/new/form?preset=oauth2`);
    await unfold(page);
    await expectSound(page);
    await page.locator('#id').fill('Not an id');
    await page.locator('#api').fill(`https://api.example.com/${'path/'.repeat(60)}#x`);
    await page.locator('#grant-types').fill('{');
    await page.locator('#client-0-id').fill('x');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    await expectSound(page);
    await page.locator('#id').fill(`jira`);
    expect(await page.locator('#redirect-uri').textContent()).toBe(
      `${testConsole.siteOrigin}/connect/callback/jira`,
    );
    await page.locator('#name').fill(long);
    await page.locator('#issuer').fill(url);
    await page.locator('#api').fill(`https://api.example.com/${'path/'.repeat(60)}`);
    await page.locator('#grant-types').fill('');
    await page.locator('#client-0-id').fill('');
    await page.locator('#client-id').fill(`${'c'.repeat(200)}`);
    await page.locator('#client-secret').fill('s'.repeat(40));
    await page.getByRole('button', { name: 'Dry run without saving' }).click();
    await page.getByRole('heading', { name: 'Dry run results' }).waitFor();
    await expectSound(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    await unfold(page);
    await expectSound(page);
    const edit = `${testConsole.siteOrigin}/admin/providers/jira/edit`;
    await page.goto(edit);
    await testConsole.post(`/admin/providers/jira/edit`, {
      ...{ version: '1', preset: 'oauth2', name: `their ${long}`, issuer: url, do: 'save' },
      ...{ api: 'https://api.example.com', 'client-id': `c` },
    });
    await page.locator('#name').fill('mine');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('changed this in the meantime').waitFor();
    await expectSound(page);
    for (const path of [
      '/admin/providers',
      `/admin/providers/jira/remove`,
      '/admin/hosts/new',
      '/admin/hosts',
      '/admin/server',
      '/admin',
    ]) {
      await page.goto(testConsole.siteOrigin + path);
      await expectSound(page);
    }
    await page.context().close();
  }, 120_000);
});
