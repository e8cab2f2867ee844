import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contrastFaultsOf, faultsOf, NARROW, overhangOf } from '../support/axe.js';
import { launchBrowser } from '../support/browser.js';
import { bundledGadgets, framePage } from '../support/bundled-gadgets.js';

const gadgets = await bundledGadgets();
const styles = readFileSync('dist/browser/frame.css', 'utf8');

/** Rows further down are like those above, and axe-core takes seconds for hundreds. */
const WITHOUT_MORE_ROWS =
  "for (const each of document.querySelectorAll(':is(.oriel-list, tbody) > :nth-child(n + 6)')) each.remove()";

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: NARROW.frame, height: 900 } });
  page = await context.newPage();
});
afterAll(() => browser.close());

describe.each(gadgets.map((each) => [each.gadget.id, each] as const))(
  'The gadget %s',
  (_, { gadget, samples, show }) => {
    it.each(samples.map((sample) => [sample.name, sample] as const))(
      'has no fault that axe-core finds with %s, light and dark, and fits at 280 pixels',
      async (_name, sample) => {
        const own = styles + (gadget.style ?? '');
        await page.setContent(framePage(show(sample), sample.model.locale, 'light', own));
        expect(await overhangOf(page)).toEqual([]);
        await page.evaluate(WITHOUT_MORE_ROWS);
        expect(await faultsOf(page, false)).toEqual([]);
        await page.evaluate("document.documentElement.dataset.theme = 'dark'");
        expect(await contrastFaultsOf(page, false)).toEqual([]);
      },
    );
  },
);
