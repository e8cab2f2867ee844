import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserSetup, setUpBrowser, type Visit } from '../browser/browser-setup.js';
import { startProviderPage } from '../browser/provider-page.js';
import { installClock, pressArmed } from '../support/armed.js';
import { faultsInEveryLook, NARROW, repetitionsOn, WIDE_LIGHT } from '../support/axe.js';
import { fragment } from '../support/gadget-server.js';

let setup: BrowserSetup;
let mingle: Awaited<ReturnType<typeof startProviderPage>>;
beforeAll(async () => {
  mingle = await startProviderPage();
  setup = await setUpBrowser({ providers: [mingle.provider] });
  setup.oriel.render(() =>
    fragment(`<button data-oriel-action="other-account" data-oriel-provider="mingle">Connect</button>
      <button data-oriel-action="connections">My connections</button>`),
  );
});
afterAll(async () => {
  await setup.close();
  await mingle.close();
});

const press = async (visit: Visit, name: string): Promise<Page> => {
  const [popup] = await Promise.all([
    visit.context.waitForEvent('page'),
    visit.gadget().getByRole('button', { name, exact: true }).click(),
  ]);
  return popup;
};

describe('Pages, in light and dark, wide and narrow,', () => {
  /** Waits for the text by which a page is known, and looks at the page. */
  const expectSound = async (page: Page, text: string | RegExp): Promise<void> => {
    await page.getByText(text).first().waitFor();
    expect([...(await faultsInEveryLook([page], NARROW.frame)), ...(await repetitionsOn(page))]).toEqual([]);
  };
  const atProvider = async (popup: Page, answer: 'Allow' | 'Deny'): Promise<void> => {
    await pressArmed(popup, /^Continue/);
    await popup.getByRole('link', { name: answer }).click();
  };

  it('that people visit on their own have no fault that axe-core finds', async () => {
    const { context } = await setup.visit(WIDE_LIGHT);
    const page = await context.newPage();
    for (const [path, text] of [
      ['/', /Oriel/],
      ['/nothing', 'There is nothing at this address.'],
      ['/connect', 'Press Connect in the gadget'],
      ['/connections', 'Open this page from a gadget'],
      ['/connect/callback/mingle?error=access_denied', /[Nn]othing/],
    ] as const) {
      await page.goto(setup.oriel.siteOrigin + path);
      await expectSound(page, text);
    }
  });

  it('of a consent have none, whether it ends well, is refused, is taken back or fails', async () => {
    const opened = () => setup.visit(WIDE_LIGHT, (page) => installClock(page.context()));
    const visit = await opened();
    const first = await press(visit, 'Connect');
    await expectSound(first, /Continue/);
    await atProvider(first, 'Allow');
    await first.getByRole('button', { name: 'Connect' }).waitFor();
    await expectSound(first, 'Cancel');
    await pressArmed(first, 'Connect');
    await expectSound(first, /close this window/i);

    await visit.gadget().getByRole('button', { name: 'My connections' }).waitFor();
    const list = await press(visit, 'My connections');
    await list.getByRole('button', { name: /Disconnect/ }).waitFor();
    await expectSound(list, 'Mingle');
    await list.getByRole('button', { name: /Close/ }).click();
    await list.locator('[data-oriel-page="closed"]').waitFor();
    await expectSound(list, /./);

    const second = await press(visit, 'Connect');
    await atProvider(second, 'Allow');
    await second.getByRole('button', { name: 'Cancel' }).click();
    await expectSound(second, /[Nn]othing|not connected|taken back|cancel/i);

    const third = await press(await opened(), 'Connect');
    setup.oriel.authorizationServer.answers.push({ kind: 'invalid-grant', code: 'invalid_grant' });
    await atProvider(third, 'Allow');
    await expectSound(third, /not|again/);
  }, 60_000);
});
