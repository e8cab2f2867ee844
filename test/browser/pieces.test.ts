import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { fragment } from '../support/gadget-server.js';
import { exampleData, exampleView, pieces } from '../views/support/pieces.js';
import { openGadget } from '../views/support/try-gadget.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

const names = pieces().map(({ name }) => name);
const show = openGadget({
  'view.njk': `${exampleView(names)}<p class="age">{{ answers.at.data | age }}</p>`,
});
const YESTERDAY = new Date(Date.now() - 30 * 3_600_000).toISOString();

let setup: BrowserSetup;
let version = 0;
beforeAll(async () => {
  setup = await setUpBrowser();
  setup.oriel.render(({ locale }) => {
    const html = show({ ...exampleData(), at: YESTERDAY }, { locale });
    return fragment('', { body: Buffer.from(html), etag: `"${version}"` });
  });
});
afterAll(() => setup.close());

const open = async (locale = 'en'): Promise<Visit> => {
  setup.host.body = `<oriel-gadget id="one" host="gocd" gadget="example" project="apollo" locale="${locale}" token-url="/oriel-token"></oriel-gadget>`;
  const visit = await setup.visit(WIDE_LIGHT);
  await visit.gadget().locator('.example-notice').waitFor();
  return visit;
};
const frameOf = (visit: Visit): Frame => {
  const [, frame] = visit.page.frames();
  if (frame === undefined) throw new Error('there is no frame');
  return frame;
};

describe('The pieces that views are made of', () => {
  it.each(['en', 'ar'])(
    'have no fault that axe-core finds and fit at 280 pixels, light and dark, in %s',
    async (locale) => {
      const visit = await open(locale);
      expect(await faultsInEveryLook([frameOf(visit)], NARROW.frame)).toEqual([]);
    },
    120_000,
  );

  it('are read in one language with what is around them, from the side on which it starts', async () => {
    const visit = await open('ar');
    const [lang, dir] = (await frameOf(visit).evaluate(
      '[document.documentElement.lang, document.documentElement.dir]',
    )) as [string, string];
    expect([lang, dir]).toEqual(['ar', 'rtl']);
    expect(await visit.gadget().locator('.example-status').textContent()).toContain('قيد التنفيذ');
  });

  it('say for how long, without “ago”', async () => {
    const visit = await open();
    await expect.poll(() => visit.gadget().locator('.age').textContent()).toBe('1 day');
  });
});

describe('Tabs', () => {
  it('show one part, are moved through with arrow keys, and stay where they are when the content is fetched again', async () => {
    const visit = await open();
    const tabs = visit.gadget().locator('.example-tabs');
    const [first, second] = [
      tabs.getByRole('tab', { name: 'For you 2' }),
      tabs.getByRole('tab', { name: /team/ }),
    ];
    await expect.poll(() => first.getAttribute('aria-selected')).toBe('true');
    expect(await tabs.getByRole('tabpanel').count()).toBe(1);
    await first.focus();
    await visit.page.keyboard.press('ArrowRight');
    await expect.poll(() => second.getAttribute('aria-selected')).toBe('true');
    expect(await second.evaluate('document.activeElement.id')).toBe(await second.getAttribute('id'));
    await tabs.getByText('Your team has nothing to review.').waitFor();
    await visit.page.keyboard.press('ArrowRight');
    await expect.poll(() => first.getAttribute('aria-selected')).toBe('true');
    await second.click();

    version += 1;
    await visit.gadget().locator('summary', { hasText: 'Options' }).click();
    await visit.gadget().getByRole('button', { name: 'Refresh' }).click();
    await expect.poll(() => setup.oriel.asked.length).toBeGreaterThan(1);
    await expect.poll(() => second.getAttribute('aria-selected')).toBe('true');
    await tabs.getByText('Your team has nothing to review.').waitFor();
  });

  it('are all in sight in a narrow frame, however long their names are', async () => {
    const visit = await open();
    const list = visit.gadget().locator('.example-tabs [role="tablist"]');
    await list.waitFor();
    const cutOff = await list.evaluate(`(() => {
      const list = document.querySelector('.example-tabs [role="tablist"]');
      list.style.width = '280px';
      const names = ['Reviews that others have been waiting for since last week', 'Aufgabenverwaltungswerkzeuge'.repeat(2)];
      for (const [index, tab] of [...list.children].entries()) tab.textContent = names[index % 2];
      const inside = list.getBoundingClientRect();
      return [...list.children].filter((tab) => {
        const { left, right, bottom } = tab.getBoundingClientRect();
        return left < inside.left || right > inside.right || bottom > inside.bottom || tab.scrollWidth > tab.clientWidth;
      }).length;
    })()`);
    expect(cutOff).toBe(0);
  });
});
