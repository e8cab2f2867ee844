import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redirectUriOf } from '../../src/connect/connect-deps.js';
import { pressArmed } from '../support/armed.js';
import { faultsInEveryLook, NARROW } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { type CloudServer, type Registration, startAtlassian, startSlack } from '../support/cloud-servers.js';
import { createTestServer } from '../support/test-server.js';
import { at } from './by-keyboard.js';

const PASSWORD = 'four words in a row';
const CLIENT = { id: 'oriel-at-acme', secret: 'canary-secret-of-the-registration' };

/** A person at the console, whose presses and typed fields are counted. */
class Hand {
  clicks = 0;
  fields = 0;

  async click(target: Locator): Promise<void> {
    this.clicks += 1;
    await target.click();
  }

  /** Of something that opens a window; resolves to it. */
  async open(page: Page, target: Locator): Promise<Page> {
    const [opened] = await Promise.all([page.context().waitForEvent('page'), this.click(target)]);
    return opened;
  }

  async press(page: Page, name: string | RegExp): Promise<void> {
    this.clicks += 1;
    await pressArmed(page, name);
  }

  async type(page: Page, name: string, text: string): Promise<void> {
    this.fields += 1;
    await page.locator(`#${name}`).fill(text);
  }
}

interface NewProvider {
  /** As the page with the kinds of application calls it, and the provider then. */
  readonly title: string;
  readonly preset: string;
  readonly name: string;
  readonly starts: (registration: Registration) => Promise<CloudServer>;
  readonly gadget: string;
  /** What its page of consent says. */
  readonly agrees: string;
  /** Which of several sites is to be shown. */
  readonly site?: string;
  /** What the gadget shows of the provider's data. */
  readonly shows: string;
  /** The most that a person presses, from the list of providers to the last result. */
  readonly most: number;
}

const NEW_PROVIDERS: readonly NewProvider[] = [
  {
    ...{ title: 'Jira Cloud', preset: 'jira', name: 'Jira', starts: startAtlassian },
    ...{ gadget: 'My issues', agrees: 'Accept', site: 'acme', shows: 'MAIL-95', most: 12 },
  },
  {
    ...{ title: 'Slack', preset: 'slack', name: 'Slack', starts: startSlack },
    ...{ gadget: 'Slack messages for me', agrees: 'Allow', shows: 'before lunch', most: 11 },
  },
];

let oriel: Awaited<ReturnType<typeof createTestServer>>;
let browser: Browser;
beforeAll(async () => {
  oriel = await createTestServer({}, { invites: true });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await oriel.close();
});

let invited = false;

const atProviders = async (): Promise<Page> => {
  const page = await (await newPerson(browser)).newPage();
  if (!invited) {
    await page.goto(oriel.invitation?.link.reveal() ?? '');
    await page.locator('input[name="name"]').fill('ruth');
    for (const field of await page.locator('input[type="password"]').all()) await field.fill(PASSWORD);
    await page.locator('main form button').first().click();
    await at(page, 'Sign in');
    invited = true;
  }
  await page.goto(`${oriel.siteOrigin}/admin/sign-in?to=/admin/providers`);
  await page.locator('input[name="name"]').fill('ruth');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.locator('main form button').first().click();
  await at(page, 'Providers');
  return page;
};

/** What only a test has to say, since the preset knows the addresses of the real server. */
const pointAt = async (page: Page, { fields }: CloudServer): Promise<void> => {
  for (const [name, value] of Object.entries(fields))
    await page.locator(`[name="${name}"]`).evaluate((field, text) => {
      (field as unknown as { value: string }).value = text;
    }, value);
};

/** The codes of the results that are not green; fails where there are none at all. */
const notGreen = async (page: Page): Promise<readonly string[]> => {
  await page.getByRole('heading', { name: 'Results' }).waitFor();
  expect(await page.locator('.dry-run > li').count()).toBeGreaterThan(4);
  return page.locator('.dry-run > li:not(.dry-run-green) code').allTextContents();
};

/** Agrees as oneself, up to the gadget with one's own data. */
const connect = async (
  hand: Hand,
  preview: Page,
  { name, agrees, site, shows }: NewProvider,
): Promise<void> => {
  const gadget = preview.locator('oriel-gadget').frameLocator('iframe').first();
  const popup = await hand.open(preview, gadget.locator('[data-oriel-action="connect"]').first());
  await hand.press(popup, new RegExp(`Continue to ${name}|Connect ${name}`));
  await hand.click(popup.getByRole('button', { name: 'Continue', exact: true }));
  await hand.click(popup.getByRole('link', { name: agrees }));
  if (site !== undefined) await hand.click(popup.getByRole('radio', { name: site, exact: true }));
  await hand.press(popup, 'Connect');
  await gadget.getByText(shows).first().waitFor();
};

describe('An administrator who adds a provider', () => {
  it.each(NEW_PROVIDERS)('$title is led to a dry run in which everything passes', async (provider) => {
    const { preset, title } = provider;
    const server = await provider.starts({ ...CLIENT, redirectUri: redirectUriOf(oriel.siteOrigin, preset) });
    const page = await atProviders();
    const hand = new Hand();
    const startedAt = performance.now();

    await hand.click(page.getByRole('link', { name: 'New provider' }).first());
    await hand.click(page.getByRole('link', { name: title, exact: true }));
    await at(page, 'New provider');
    // What has to be registered there can be copied before anything is typed, and the page where that is done is linked.
    expect(await page.locator('#redirect-uri').textContent()).toBe(redirectUriOf(oriel.siteOrigin, preset));
    expect(await page.locator('main a[target="_blank"]').first().getAttribute('href')).toMatch(/^https:/);
    await pointAt(page, server);
    await hand.type(page, 'client-id', CLIENT.id);
    await hand.type(page, 'client-secret', CLIENT.secret);
    await hand.click(page.getByRole('button', { name: 'Save', exact: true }));
    await hand.click(page.getByRole('button', { name: 'Start dry run' }));
    await at(page, `Dry run of ${provider.name}`);
    expect(await notGreen(page)).toEqual(['authorization_signs_in', 'api_untried']);
    // What is to be done next stands before a list that may be longer than the window.
    expect((await page.locator('main h2').allTextContents()).slice(0, 2)).toEqual([
      'Connect as yourself',
      'Results',
    ]);

    const preview = await hand.open(page, page.getByRole('link', { name: provider.gadget, exact: true }));
    await connect(hand, preview, provider);
    await hand.click(page.getByRole('button', { name: 'Run again' }));
    await page.getByText('authorization_proved').waitFor();
    expect(await notGreen(page)).toEqual([]);
    await page.getByText('Everything passed').waitFor();
    expect(await page.getByText('Connect as yourself').count()).toBe(0);

    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.info(`${title}: ${hand.clicks} clicks, ${hand.fields} fields, ${seconds} s`);
    expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
    expect(hand.fields).toBe(2);
    expect(hand.clicks).toBeLessThanOrEqual(provider.most);
    expect(oriel.lines.join('')).not.toContain(CLIENT.secret);
    await page.context().close();
    await server.close();
  });
});
