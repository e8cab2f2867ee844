import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pressArmed } from '../support/armed.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { connect, consent, type Demo, gadgetOf, signIn, startDemo } from '../support/demo-visit.js';
import { LIGHT, PICTURING, picture } from './pictures.js';

let demo: Demo;
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
  demo = await startDemo(PICTURING ? 8153 : 0);
});
afterAll(async () => {
  await browser.close();
  await demo.close();
});

/** One of the demo's pages, with a person who has just signed in there. */
const open = async (address: string, name: string, context: BrowserContext): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(address);
  await signIn(page, name);
  return page;
};

describe('The demo, as the README shows it', () => {
  it('shows Ann what Mingle shows her, once she said yes twice', async () => {
    const context = await newPerson(browser, { ...LIGHT, viewport: { width: 1200, height: 800 } });
    const page = await open(demo.pages.gocd, 'ann', context);
    const popup = await consent(page, gadgetOf(page), 'ann');
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
    const page = await open(demo.pages.gocd, 'bob', await newPerson(browser));
    await connect(page, gadgetOf(page), 'bob');
    const frame = gadgetOf(page).locator('[data-oriel-state="no-access"]');
    await frame.first().waitFor();
    expect(await frame.first().textContent()).toContain('Mingle');
  });

  it.each([
    ['ann', false],
    ['bob', true],
  ])('shows %s in Mingle what GoCD shows them, with one consent for two gadgets', async (name, isHis) => {
    const page = await open(demo.pages.mingle, name, await newPerson(browser));
    const pipelines = gadgetOf(page, 'gocd-pipelines');
    await connect(page, pipelines, name);
    await pipelines.getByRole('link', { name: 'borealis-app' }).waitFor();
    expect(await pipelines.getByRole('link', { name: 'borealis-release' }).count()).toBe(isHis ? 1 : 0);
    await gadgetOf(page, 'gocd-pipeline-activity').getByText('Alerts wait for a clear sky').first().waitFor();
  });

  it.each([
    ['ann', 'apollo-deploy', 'content'],
    ['bob', 'borealis-release', 'no-access'],
    ['dana', 'no pipeline here that you may see', 'no-access'],
  ])('shows %s in the portal what each of both shows them', async (name, pipeline, cards) => {
    const page = await open(demo.pages.portal, name, await newPerson(browser));
    for (const gadget of ['gocd-pipelines', 'mingle-cards'])
      await connect(page, gadgetOf(page, gadget), name);
    await gadgetOf(page, 'gocd-pipelines').getByText(pipeline).first().waitFor();
    await gadgetOf(page, 'mingle-cards').locator(`[data-oriel-state="${cards}"]`).first().waitFor();
  });
});
