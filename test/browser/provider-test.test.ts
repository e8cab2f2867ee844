import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../admin/console-app.js';
import { setUpProvider } from '../admin/providers/provider-setup.js';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { certificate, privateAuthority } from '../support/self-signed.js';
import { press } from './by-keyboard.js';

describe('Testing a provider in a browser', () => {
  const ca = privateAuthority('Example private CA');
  const signed = certificate({ names: ['localhost', 'tracker.intra.example'], by: ca, until: 90 });
  let setup: Awaited<ReturnType<typeof setUpProvider>>;
  let browser: Browser;
  beforeAll(async () => {
    setup = await setUpProvider(signed, ca.cert);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await setup.close();
  });

  const atProvider = async (look: BrowserContextOptions): Promise<Page> => {
    const page = await (await newPerson(browser, look)).newPage();
    await page.goto(`${setup.siteOrigin}/admin/sign-in?to=/admin/providers/tracker`);
    await page.getByRole('textbox', { name: 'Name' }).fill('ann');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Dry run' }).waitFor();
    return page;
  };
  const expectSound = async (page: Page): Promise<void> => {
    expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
  };

  it('is accessible in light and dark, wide and narrow', async () => {
    const page = await atProvider(WIDE_LIGHT);
    await page.getByRole('button', { name: 'Start dry run' }).click();
    await page.getByText('Issuer certificate: CN=Example private CA').waitFor();
    await expectSound(page);
    await page.getByRole('textbox', { name: 'Certificate' }).fill('hello');
    await page.getByRole('button', { name: 'Review certificate…' }).click();
    await page.getByText('not a readable certificate').waitFor();
    await expectSound(page);
    await page.getByRole('textbox', { name: 'Certificate' }).fill(ca.cert);
    await page.getByRole('button', { name: 'Review certificate…' }).click();
    await page.getByText('Compare the SHA-256 fingerprint').waitFor();
    await expectSound(page);
    await page.context().close();
  });

  it('ends with a certificate trusted, by keyboard alone and without script', async () => {
    const page = await atProvider({ javaScriptEnabled: false });
    await press(page, 'button', 'Start dry run');
    await page.getByRole('heading', { name: 'Results' }).waitFor();
    await press(page, 'button', 'Trust for this provider only…');
    await page.getByRole('heading', { name: 'Trust a certificate' }).waitFor();
    await press(page, 'button', 'Trust for this provider only');
    await page.getByText('The certificate is now trusted for tracker alone').waitFor();
    await press(page, 'button', 'Start dry run');
    await page.getByText('It responds over TLSv1.3 with a trusted certificate').waitFor();
    expect((await setup.recordOf('tracker')).entry?.certificates).toEqual([signed.cert]);
    await page.context().close();
  });
});
