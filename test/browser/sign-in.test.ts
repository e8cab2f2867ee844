import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ConsoleApp, PASSWORD, startConsole } from '../admin/console-app.js';
import { startOpenIdConsole } from '../admin/people/openid-console.js';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { at, press, type } from './by-keyboard.js';

const LIST = '/admin/administrators';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const expectSound = async (page: Page): Promise<void> => {
  expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
};

describe('Signing in to the console, by keyboard alone and without script', () => {
  let app: ConsoleApp;
  beforeEach(async () => {
    app = await startConsole();
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await app.close();
  });

  const open = async (look: BrowserContextOptions): Promise<Page> =>
    (await newPerson(browser, look)).newPage();

  it('first run, sign in, confirm, invite, sign out', async () => {
    const link = (await app.manage.administrators.inviteFirst())?.link.reveal() ?? '';
    const page = await open({ javaScriptEnabled: false, viewport: { width: 360, height: 800 } });
    await page.goto(link);
    // Without script nothing takes the token out of the address: the link is pasted.
    await at(page, 'Open your invitation');
    await type(page, 'Link', link);
    await page.keyboard.press('Enter');
    await at(page, 'Create your administrator account');
    await type(page, 'Your name', 'ann');
    await type(page, 'Password', PASSWORD);
    await type(page, 'Repeat the password', PASSWORD);
    await page.keyboard.press('Enter');
    await at(page, 'Sign in');
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('ann');
    await page.goto(`${app.siteOrigin}${LIST}`);
    await at(page, 'Sign in');
    await type(page, 'Name', 'ann');
    await type(page, 'Password', PASSWORD);
    await page.keyboard.press('Enter');
    await at(page, 'Administrators');
    app.clock.pass(6 * 60_000);
    await press(page, 'link', 'Invite administrator');
    await at(page, 'Confirm it’s you');
    await type(page, 'Your password', PASSWORD);
    await page.keyboard.press('Enter');
    await at(page, 'Invite an administrator');
    await press(page, 'button', 'Create invitation link');
    await page.getByText('It works once').waitFor();
    await press(page, 'button', 'Sign out');
    await at(page, 'Sign in');
    await page.goto(`${app.siteOrigin}${LIST}`);
    await at(page, 'Sign in');
    await page.context().close();
  });

  it('an invitation opens by itself, and leaves its token in no address, history or Referer', async () => {
    const link = (await app.manage.administrators.inviteFirst())?.link.reveal() ?? '';
    const token = new URL(link).hash.slice(1);
    const page = await open({});
    const asked: string[] = [];
    page.on('request', (request) => void asked.push(`${request.url()} ${request.headers().referer ?? ''}`));
    await page.goto(link);
    await at(page, 'Create your administrator account');
    expect(page.url()).toBe(`${app.siteOrigin}/admin/setup`);
    expect(asked.join('\n')).not.toContain(token);
    await page.goto(`${app.siteOrigin}/admin/setup`);
    await at(page, 'Open your invitation');
    expect(await page.content()).not.toContain(token);
    expect(await page.getByRole('textbox', { name: 'Link' }).inputValue()).toBe('');
    await expectSound(page);
    // From the open page the link only changes the fragment.
    await page.goto(link);
    await at(page, 'Create your administrator account');
    await page.goBack();
    await at(page, 'Open your invitation');
    expect(page.url()).toBe(`${app.siteOrigin}/admin/setup`);
    expect(await page.getByRole('textbox', { name: 'Link' }).inputValue()).toBe('');
    await page.goto(link);
    await at(page, 'Create your administrator account');
    await type(page, 'Your name', 'ann');
    await type(page, 'Password', PASSWORD);
    await type(page, 'Repeat the password', PASSWORD);
    await page.keyboard.press('Enter');
    await at(page, 'Sign in');
    expect(asked.join('\n')).not.toContain(token);
    await page.context().close();
  });

  it('leads past the menu to the page with the first link', async () => {
    await app.admin('ann');
    const page = await open({});
    await page.goto(`${app.siteOrigin}/admin/sign-in`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.context().close();
  });

  it('has no fault that axe-core finds, in light and dark, wide and narrow', async () => {
    const link = (await app.manage.administrators.inviteFirst())?.link.reveal() ?? '';
    const page = await open(WIDE_LIGHT);
    await page.goto(link);
    await at(page, 'Create your administrator account');
    await expectSound(page);
    await app.admin('ann');
    await app.admin(`bob ${'long name '.repeat(5)}.`);
    await app.manage.apiKeys.create(
      { name: 'nightly report of what happened', scopes: ['audit:read', 'overview:read'], days: 30 },
      { kind: 'system' },
    );
    await page.goto(`${app.siteOrigin}/admin/sign-in?to=${LIST}`);
    await expectSound(page);
    await page.getByRole('textbox', { name: 'Name' }).fill('ann');
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('Wrong name or password').waitFor();
    await expectSound(page);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await at(page, 'Administrators');
    const bob = await app.manage.administrators.named(`bob ${'long name '.repeat(5)}.`);
    const paths = [LIST, `${LIST}/invite`, `${LIST}/password`, `${LIST}/${bob.id}/remove`, '/admin/api-keys'];
    for (const path of [
      ...paths,
      '/admin/api-keys/new',
      '/admin/confirm',
      '/admin/confirmed',
      '/admin/nothing',
    ]) {
      await page.goto(app.siteOrigin + path);
      await expectSound(page);
    }
    await page.goto(`${app.siteOrigin}/admin/api-keys/new`);
    await page.getByRole('textbox', { name: 'Name' }).fill('another');
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByText('choose').or(page.getByText('one or more scopes')).first().waitFor();
    await expectSound(page);
    await page.getByRole('checkbox', { name: 'audit:read' }).check();
    await page.getByRole('button', { name: 'Create API key' }).click();
    await page.getByText('Copy the key now').waitFor();
    await expectSound(page);
    await page.context().close();
  }, 120_000);
});

describe('Signing in elsewhere, in a browser that withholds the session from other sites’ links', () => {
  let app: ConsoleApp;
  let close: () => Promise<void>;
  beforeEach(async () => {
    // Another site than the identity provider's: a port alone makes none.
    ({ app, close } = await startOpenIdConsole({ subjects: ['alice'], emails: [] }));
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await close();
  });

  it.each([true, false])(
    'comes back signed in, and re-authenticates (script: %s)',
    async (javaScriptEnabled) => {
      const page = await (await newPerson(browser, { javaScriptEnabled })).newPage();
      await page.goto(`${app.siteOrigin}${LIST}`);
      await press(page, 'button', 'Sign in with Example accounts');
      await page.getByRole('button', { name: 'alice' }).click();
      await at(page, 'Administrators');
      const session = async () =>
        (await page.context().cookies()).find(({ name }) => name === 'oriel-admin')?.value;
      const before = await session();
      app.clock.pass(6 * 60_000);
      await press(page, 'link', 'Invite administrator');
      await at(page, 'Confirm it’s you');
      await press(page, 'button', 'Sign in again with Example accounts');
      await page.getByRole('button', { name: 'alice' }).click();
      await at(page, 'Invite an administrator');
      expect(await session()).toBe(before);
      await page.context().close();
    },
  );
});
