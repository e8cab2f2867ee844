import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleApp, PASSWORD, startConsole } from '../admin/console-app.js';
import { alice, NOW } from '../connect/connect-setup.js';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { press, reach } from './by-keyboard.js';

/** What an administrator of some months finds in the log. */
const fill = async ({ stores }: ConsoleApp): Promise<void> => {
  const anna = { kind: 'admin', id: 'a1', name: 'Anna' } as const;
  const viewer = { kind: 'viewer', viewer: alice } as const;
  const long = `https://mingle.example.com/${'api/'.repeat(30)}`;
  const changes = [
    { path: 'scopes', before: 'read', after: 'read write' },
    { path: 'api', before: long, after: `${long}v2` },
    { path: 'client.secret', before: null, after: 'set, ends in “k3ys”' },
    { path: 'allowAddresses', before: '10.0.0.0/8', after: null },
  ];
  const provider = 'mingle';
  const { audit } = stores;
  for (let n = 0; n < 60; n += 1)
    await audit.append({ action: 'admin.signed-in', by: anna, outcome: 'done', requestId: `r${n}` }, NOW - n);
  await audit.append({ action: 'provider.changed', by: anna, outcome: 'done', provider, changes }, NOW);
  await audit.append(
    { action: 'flow.started', by: viewer, outcome: 'done', provider, subject: 'f1', code: 'opener' },
    NOW + 1000,
  );
  await audit.append(
    {
      action: 'flow.refused',
      by: { kind: 'anonymous' },
      outcome: 'refused',
      provider,
      code: 'state_mismatch',
      times: 995,
    },
    NOW + 2000,
  );
  await audit.append(
    {
      action: 'connection.refresh-failed',
      by: { kind: 'system' },
      outcome: 'failed',
      viewer: alice,
      provider,
      code: 'http_503',
    },
    NOW + 3000,
  );
};

describe('The audit log in a browser', () => {
  let app: ConsoleApp;
  let browser: Browser;
  beforeAll(async () => {
    app = await startConsole();
    await app.admin('ann');
    await fill(app);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const signedIn = async (look: BrowserContextOptions): Promise<Page> => {
    const context = await newPerson(browser, look);
    const page = await context.newPage();
    await page.goto(`${app.siteOrigin}/admin/sign-in?to=/admin/audit`);
    await page.getByRole('textbox', { name: 'Name' }).fill('ann');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    return page;
  };
  const expectSound = async (page: Page): Promise<void> => {
    expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
  };

  it('has no fault that axe-core finds and never scrolls sideways, in light and dark, wide and narrow', async () => {
    const page = await signedIn(WIDE_LIGHT);
    await expectSound(page);
    await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
    await expectSound(page);
    for (const path of [
      '/admin/audit?provider=nobody',
      '/admin/audit?from=x',
      '/admin/audit/verify?head=x',
      '/admin/audit/verify',
    ]) {
      await page.goto(app.siteOrigin + path);
      await expectSound(page);
    }
    await page.context().close();
  }, 120_000);

  it('is searched, opened, paged and checked by keyboard alone, without script', async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    await reach(page, 'combobox', 'Action');
    await page.keyboard.type('provider: all');
    await press(page, 'button', 'Search');
    await page.getByRole('heading', { name: 'Results' }).waitFor();
    expect(await page.locator('.audit-entry').count()).toBe(1);
    await page.locator('.audit-entry > summary').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: 'set, ends in' }).waitFor();
    await page.goto(`${app.siteOrigin}/admin/audit`);
    await press(page, 'link', 'Older');
    await page.getByRole('link', { name: 'Newest' }).waitFor();
    await press(page, 'link', 'Verify integrity');
    await page.getByText('each chained to the one before it').waitFor();
    await page.context().close();
  });

  it('is exported as a file', async () => {
    const page = await signedIn({});
    const kept = await app.events();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export all' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^oriel-audit-.*\.jsonl$/);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(
      expect.arrayContaining(kept.map(({ seq }) => seq)),
    );
    expect(Buffer.concat(chunks).toString('utf8')).not.toContain('alice');
    await page.context().close();
  });
});
