import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tellADay } from './a-day.js';
import { beginGuide, consentAtMingle, type Guided, registerAtMingle } from './guided.js';
import { picture } from './pictures.js';

const PASSWORD = 'four words in a row';

let guided: Guided;
let page: Page;
let client: { readonly id: string; readonly secret: string };
let secret: string;
beforeAll(async () => {
  guided = await beginGuide();
  page = await guided.reader.newPage();
});
afterAll(() => guided.close());

const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
const follow = (name: string | RegExp) => page.getByRole('link', { name }).first().click();
const fill = (fields: Readonly<Record<string, string>>): Promise<void> =>
  Object.entries(fields).reduce(
    (before, [id, value]) => before.then(() => page.locator(`#${id}`).fill(value)),
    Promise.resolve(),
  );
const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 }).waitFor();
const gadget = (): FrameLocator => page.locator('oriel-gadget').frameLocator('iframe');

describe('The guide of five minutes, step by step', () => {
  it('2. The first administrator comes in by the link that the server prints', async () => {
    await page.goto(await guided.serve());
    expect(statSync(join(guided.home, 'oriel.key')).mode & 0o77).toBe(0);
    await heading('Create your administrator account');
    await picture(page, 'setup', 620);
    await fill({ name: 'ruth', password: PASSWORD, again: PASSWORD });
    await press('Create account');
    await heading('Sign in');
    await fill({ name: 'ruth', password: PASSWORD });
    await press('Sign in');
    await heading('Overview');
  });

  it('3. The provider is made, and registered with the redirect URI that its form shows', async () => {
    await follow('Providers');
    await follow(/New provider|Add/);
    await follow('Mingle');
    client = await registerAtMingle(guided);
    await fill({ id: 'mingle', name: 'Mingle', url: guided.mingle });
    await page.getByText('Network and trust').click();
    await fill({ 'allow-addresses': '127.0.0.0/8\n::1/128' });
    await fill({ 'client-id': client.id, 'client-secret': client.secret });
    await picture(page, 'new-provider', 1000);
    await press('Save');
    await heading('Mingle');
    expect(await page.textContent('main')).toContain(`${guided.site}/connect/callback/mingle`);
  });

  it('4. The dry run finds nothing wrong', async () => {
    await press('Start dry run');
    await heading('Dry run of Mingle');
    expect(await page.locator('.dry-run-red').count()).toBe(0);
    expect(await page.locator('.dry-run-green').count()).toBeGreaterThan(3);
    await picture(page, 'dry-run', 1000);
  });

  it('4. The dry run names a secret that was mistyped', async () => {
    const testWith = async (typed: string): Promise<void> => {
      await follow('Providers');
      await follow('Mingle');
      await follow('Edit');
      await fill({ 'client-secret': typed });
      await press('Save');
      await press('Start dry run');
      await heading('Dry run of Mingle');
    };
    await testWith('another-secret');
    expect(await page.locator('.dry-run-red').allTextContents()).toEqual([
      expect.stringContaining('token_client'),
    ]);
    await testWith(client.secret);
    expect(await page.locator('.dry-run-red').count()).toBe(0);
  });

  it('5. The host is made, and its secret shown once', async () => {
    await follow('Hosts');
    await follow(/New host|Add/);
    await fill({ id: 'wiki', name: 'A wiki', origins: guided.wiki });
    await page.getByLabel(/^Cards mingle-cards/).check();
    await page.getByLabel(/^Mingle/).check();
    await press('Save');
    await heading('A wiki was saved');
    secret = (await page.locator('.once pre').textContent())?.trim() ?? '';
    await picture(page, 'host-secret', 480);
    await follow('I’ve copied it');
  });

  it('6. The snippets run as they are', async () => {
    await follow('Cards');
    await fill({ 'p-project': 'apollo', 'p-conditions': 'Status > New' });
    await press('Update code');
    await picture(page, 'snippet', 1000);
    const element = (await page.locator('#element').textContent()) ?? '';
    expect(element).toContain('project="apollo"');
    guided.save('oriel-token.mjs', (await page.locator('#endpoint').textContent()) ?? '');
    guided.save('wiki.mjs', guided.block('// wiki.mjs'));
    guided.save(
      'wiki.html',
      guided.block('<!-- wiki.html -->').replace('<!-- the element comes here -->', element),
    );
    await guided.serveWiki(secret);
  });

  it('7. The gadget connects, and shows what this person may see', async () => {
    await page.goto(guided.wiki);
    const opening = page.waitForEvent('popup');
    await gadget()
      .getByRole('button', { name: /Connect/ })
      .waitFor();
    await picture(page, 'not-connected', 420);
    await gadget()
      .getByRole('button', { name: /Connect/ })
      .click();
    await consentAtMingle(await opening);
    await gadget().locator('table').first().waitFor();
    await picture(page, 'connected', 760);
  });

  it('7. The viewer finds in My connections what was connected', async () => {
    const opening = page.waitForEvent('popup');
    await gadget().locator('.oriel-menu summary').click();
    await gadget().getByText('My connections').click();
    const popup = await opening;
    await popup.getByRole('heading', { name: 'My connections' }).waitFor();
    await popup.getByText('Cards in A wiki').waitFor();
    await popup.setViewportSize({ width: 760, height: 640 });
    await picture(popup, 'my-connections', 640);
    await popup.close();
  });

  it('8. The administrator sees the day, and what was done', async () => {
    await tellADay(join(guided.home, 'oriel.db'));
    await page.goto(`${guided.site}/admin`);
    await heading('Overview');
    expect(await page.locator('main svg').count()).toBeGreaterThan(2);
    await picture(page, 'overview', 1640);
    await follow('Audit log');
    await heading(/Audit/);
    await picture(page, 'audit', 900);
    const shown = (await page.locator('main').textContent()) ?? '';
    for (const word of ['ruth', 'A wiki', 'Mingle']) expect(shown).toContain(word);
    expect(shown).not.toContain('u-17');
  });
});
