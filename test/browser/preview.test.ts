import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { type ConsoleSetup, setUpConsole } from './console-setup.js';
import { reportOf } from './doctor-setup.js';

let setup: ConsoleSetup;
beforeAll(async () => {
  setup = await setUpConsole();
});
afterAll(() => setup.close());

const snippetPath = '/admin/hosts/wiki/snippet?gadget=mingle-cards';
const preview = '/admin/preview/mingle-cards?p.project=apollo';

describe('A host’s snippets', () => {
  it('are written for its gadget, with what the page carries, in the language asked for', async () => {
    const page = await setup.signedIn();
    await page.goto(setup.siteOrigin + snippetPath);
    await page
      .getByLabel(/project/i)
      .first()
      .fill('"><script>alert(1)</script>');
    await page.getByRole('button', { name: 'Update code' }).click();
    await page.getByText('Setup is incomplete').waitFor();
    expect(await page.locator('#element').textContent()).toContain(
      'project="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"',
    );
    await page.getByRole('link', { name: 'Ruby' }).click();
    expect(await page.locator('#endpoint').textContent()).toContain('class OrielToken');
    expect(page.url()).toContain('p.project=');
    await page.context().close();
  });

  it('can be copied with one press', async () => {
    const page = await setup.signedIn();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(setup.siteOrigin + snippetPath);
    await page.getByRole('button', { name: 'Copy: the element', exact: true }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toContain('<oriel-gadget host="wiki"');
    await page.context().close();
  });

  it('can be read by everyone, in light and dark, wide and narrow', async () => {
    const page = await setup.signedIn(WIDE_LIGHT);
    for (const path of [snippetPath, '/admin/preview/mingle-cards']) {
      await page.goto(setup.siteOrigin + path);
      expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
    }
    await page.context().close();
  });
});

describe('A preview', () => {
  it('shows a gadget before the administrator, who connects an account of their own', async () => {
    const page = await setup.signedIn();
    await page.goto(setup.siteOrigin + preview);
    const gadget = page.locator('oriel-gadget').frameLocator('iframe').first();
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      gadget
        .getByRole('button', { name: /Connect/ })
        .first()
        .click(),
    ]);
    await popup.getByText('ruth').first().waitFor();
    await popup.getByText('Oriel’s administration console').first().waitFor();
    await page.context().close();
  });

  it('passes the embed doctor’s checks', async () => {
    const page = await setup.signedIn();
    await page.goto(`${setup.siteOrigin}${preview}&doctor=1`);
    const report = await reportOf(page);
    const faults = Object.entries(report).filter(([, { level }]) => level !== 'good');
    expect(faults.map(([id]) => id)).toEqual(['popup']);
    await page.context().close();
  });

  it('gives no token to another origin or without a session, nor for an unknown gadget', async () => {
    const page = await setup.signedIn();
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
    const ask = (headers: Readonly<Record<string, string>>, gadget = 'mingle-cards') =>
      fetch(`${setup.siteOrigin}/admin/preview/token`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Origin: setup.siteOrigin,
          'Sec-Fetch-Site': 'same-origin',
          Cookie: cookie,
          ...headers,
        },
        body: JSON.stringify({ gadget, params: {} }),
      });
    expect((await ask({})).status).toBe(200);
    expect((await ask({ Origin: setup.gadgetOrigin, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await ask({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await ask({ Cookie: '' })).status).toBe(401);
    expect((await ask({ 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await ask({}, 'no-such-gadget')).status).toBe(404);
    await page.context().close();
  });

  it('allows only the gadget origin, and cuts no window off', async () => {
    const page = await setup.signedIn();
    const answer = await page.goto(setup.siteOrigin + preview);
    const headers = answer?.headers() ?? {};
    const policy = headers['content-security-policy'] ?? '';
    expect(headers['cross-origin-opener-policy']).toBeUndefined();
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`frame-src ${setup.gadgetOrigin};`);
    expect(policy).toContain(`form-action 'self' ${setup.gadgetOrigin};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.split(setup.gadgetOrigin)).toHaveLength(3);
    await page.context().close();
  });
});
