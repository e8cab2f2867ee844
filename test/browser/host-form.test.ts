import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsOf } from '../support/axe.js';
import { at, press, reach, type } from './by-keyboard.js';
import { type ConsoleSetup, setUpConsole } from './console-setup.js';

let setup: ConsoleSetup;
beforeAll(async () => {
  setup = await setUpConsole();
  await (await setup.signedIn()).context().close();
}, 120_000);
afterAll(() => setup?.close());

it.each([
  ['light', 1440],
  ['dark', 360],
] as const)(
  'Gadgets of a host are bound by keyboard, in %s at %i px and without scripts',
  async (colorScheme, width) => {
    const page = await setup.signedIn({
      colorScheme,
      viewport: { width, height: 900 },
      javaScriptEnabled: false,
    });
    await page.goto(`${setup.siteOrigin}/admin/hosts/new`);
    await at(page, 'New host');
    const id = `portal-${width}`;
    await type(page, 'ID', id);
    await type(page, 'Origins of its pages', 'https://portal.example.com');
    await page.locator('details.more summary', { hasText: 'under another name' }).press('Enter');
    await type(page, 'Name on its pages', 'old-cards');
    await reach(page, 'combobox', 'Gadget');
    await page.keyboard.type('Cards (mingle-cards)');
    await press(page, 'button', 'Add');
    const added = page.locator('#gadget-old-cards');
    await added.and(page.locator(':checked')).and(page.locator(':focus')).waitFor();
    await reach(page, 'combobox', 'mingle');
    await page.keyboard.type('Mingle (mingle)');
    await press(page, 'checkbox', 'Mingle mingle', 'Space');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await press(page, 'button', 'Save');
    await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'New host' }).waitFor();
    await page.goto(`${setup.siteOrigin}/admin/hosts/${id}/edit`);
    expect(await page.locator('#play-old-cards-mingle').inputValue()).toBe('mingle');
    expect(await page.locator('[name="of.old-cards"]').inputValue()).toBe('mingle-cards');
    await page.context().close();
  },
  60_000,
);

it('The form that binds gadgets is accessible', async () => {
  const page = await setup.signedIn({ colorScheme: 'dark' });
  await page.goto(`${setup.siteOrigin}/admin/hosts/portal-360/edit`);
  await at(page, /Edit/);
  expect(await faultsOf(page)).toEqual([]);
  await page.context().close();
}, 60_000);
