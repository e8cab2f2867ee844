import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConnectMode } from '../../src/domain/flow.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { gadget, request } from '../support/a-gadget.js';
import { installClock, pressArmed } from '../support/armed.js';
import { fragment } from '../support/gadget-server.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';
import { startProviderPage } from './provider-page.js';

/** Builds of one provider, and what another knows about them; `needs` both, or the second only where it is there. */
const pair = (needsBoth: boolean) =>
  gadget({
    title: 'Builds',
    requests: [
      request('cards', { provider: 'mingle', format: 'json' }),
      request('builds', { provider: 'jenkins', format: 'json', required: needsBoth }),
    ],
  });

let setup: BrowserSetup;
let pages: Awaited<ReturnType<typeof startProviderPage>>[];

const start = async (needsBoth: boolean, connectMode: ConnectMode = 'opener'): Promise<void> => {
  setup = await setUpBrowser({
    connectMode,
    gadgets: [pair(needsBoth)],
    providers: pages.map(({ provider }) => provider),
    hostProviders: ['mingle', 'jenkins'],
  });
  setup.oriel.render(async ({ viewer }) => {
    const { connections } = setup.oriel.ports.stores;
    const isConnected = async (provider: string): Promise<boolean> =>
      (await connections.find(viewer, provider))?.status === 'active';
    const missing = [];
    for (const provider of ['mingle', 'jenkins']) if (!(await isConnected(provider))) missing.push(provider);
    const buttons = missing.map(
      (each) =>
        `<div data-oriel-missing="connect"><button data-oriel-action="connect" data-oriel-provider="${each}">Connect ${each}</button></div>`,
    );
    const lacks = missing.includes('mingle') || (needsBoth && missing.length > 0);
    return lacks
      ? fragment(buttons[0] ?? '', { state: 'connect', fetchedAt: null })
      : fragment(
          `<p>cards of ${viewer.sub}</p>${missing.length === 0 ? '<p>builds too</p>' : buttons.join('')}`,
        );
  });
};

beforeEach(async () => {
  pages = [await startProviderPage('mingle'), await startProviderPage('jenkins')];
});
afterEach(async () => {
  await setup.close();
  for (const page of pages) await page.close();
});

const opened = (): Promise<Visit> => setup.visit({}, (page) => installClock(page.context()));
const press = async (visit: Visit, name: string): Promise<Page> => {
  const button = visit.gadget().getByRole('button', { name });
  const [popup] = await Promise.all([visit.context.waitForEvent('page'), button.click()]);
  return popup;
};
const allow = async (popup: Page): Promise<void> => {
  await pressArmed(popup, /^Continue/);
  await popup.getByRole('link', { name: 'Allow' }).click();
  await pressArmed(popup, 'Connect');
};
/** The window after the first of two consents, which asks for the second. */
const allowFirst = async (visit: Visit): Promise<Page> => {
  const popup = await press(visit, 'Connect mingle');
  await allow(popup);
  await popup.getByRole('heading', { name: 'Connect Jenkins' }).waitFor();
  return popup;
};
const connected = async (sub = 'ann'): Promise<readonly string[]> =>
  (await setup.oriel.ports.stores.connections.ofViewer(viewerOf('gocd', sub))).map(
    ({ provider }) => provider,
  );

describe('a gadget of two providers, neither of them connected', () => {
  it('has both connected in one window, one after the other', async () => {
    await start(true);
    const visit = await opened();
    const popup = await allowFirst(visit);
    await popup.getByText('Mingle is done. This gadget shows data from Jenkins too.').waitFor();
    // What needs both waits for the same window, without another click.
    await visit.gadget().getByRole('heading', { name: 'Finish in the other window' }).waitFor();
    await expect.poll(() => connected()).toEqual(['mingle']);
    await allow(popup);
    await popup.getByRole('heading', { name: 'You’re connected' }).waitFor();
    await visit.gadget().getByText('builds too').waitFor();
    expect([...(await connected())].sort()).toEqual(['jenkins', 'mingle']);
    expect(visit.context.pages()).toHaveLength(2);
  });

  it('shows the part that is there while the window asks for the other, and then all of it', async () => {
    await start(false);
    const visit = await opened();
    const popup = await allowFirst(visit);
    await visit.gadget().getByText('cards of ann').waitFor();
    await allow(popup);
    await visit.gadget().getByText('builds too').waitFor();
  });

  it('keeps the first when the second is canceled, and asks for the second where it is missing', async () => {
    await start(false);
    const visit = await opened();
    const popup = await allowFirst(visit);
    await pressArmed(popup, 'Cancel');
    await popup.getByText('What you connected before stays as it is.').waitFor();
    await visit.gadget().getByText('cards of ann').waitFor();
    expect(await connected()).toEqual(['mingle']);
    const again = await press(visit, 'Connect jenkins');
    await allow(again);
    await again.getByRole('heading', { name: 'You’re connected' }).waitFor();
    await visit.gadget().getByText('builds too').waitFor();
  });

  it('stops after the first when that is canceled', async () => {
    await start(true);
    const visit = await opened();
    const popup = await press(visit, 'Connect mingle');
    await pressArmed(popup, /^I’m not/);
    await popup.getByRole('heading', { name: 'Not connected' }).waitFor();
    await visit.gadget().getByRole('button', { name: 'Connect mingle' }).waitFor();
    expect(await connected()).toEqual([]);
    expect(
      await setup.oriel.ports.stores.flows.pending(viewerOf('gocd', 'ann'), setup.oriel.clock.now()),
    ).toEqual([]);
  });

  it('goes on where the page is loaded again in between', async () => {
    await start(false);
    const visit = await opened();
    const popup = await allowFirst(visit);
    await visit.gadget().getByText('cards of ann').waitFor();
    await visit.page.reload();
    await visit.gadget().getByText('cards of ann').waitFor();
    await allow(popup);
    await visit.gadget().getByText('builds too').waitFor();
  });
});

describe.each(['reauth', 'code'] as const)('the same by a link, mode %s', (mode) => {
  const link = (visit: Visit) => visit.gadget().getByRole('link', { name: 'Open the connect page' });
  /** Types the code of the page into the gadget, where the mode has one. */
  const prove = async (visit: Visit, tab: Page): Promise<string> => {
    if (mode !== 'code') return '';
    const code = (await tab.locator('#oriel-code').textContent()) ?? '';
    // The gadget asks once a second how far it is, the page of the code every two seconds.
    await visit.page.clock.runFor(1000);
    await visit.gadget().getByLabel('Code', { exact: true }).last().fill(code);
    await visit.gadget().getByRole('button', { name: 'Connect', exact: true }).click();
    return code;
  };
  const asksForSecond = async (visit: Visit, tab: Page): Promise<void> => {
    await visit.page.clock.runFor(2500);
    await tab.getByText('Mingle is done. This gadget shows data from Jenkins too.').waitFor();
    await tab.getByRole('heading', { name: 'Connect Jenkins' }).waitFor();
  };
  const follow = async (visit: Visit): Promise<Page> => {
    setup.host.headers = { 'Cross-Origin-Opener-Policy': 'same-origin' };
    await visit.page.reload();
    await visit.gadget().getByRole('button', { name: 'Connect mingle' }).click();
    const [tab] = await Promise.all([visit.context.waitForEvent('page'), link(visit).click()]);
    return tab;
  };

  it('has both connected in one window, each after proof of who is there', async () => {
    await start(true, mode);
    const visit = await opened();
    const tab = await follow(visit);
    await allow(tab);
    const first = await prove(visit, tab);
    await asksForSecond(visit, tab);
    await visit.gadget().getByRole('heading', { name: 'Finish on the other page' }).waitFor();
    // It may have asked how far the first is before the window was that far.
    await expect
      .poll(async () => {
        await visit.page.clock.runFor(1000);
        return connected();
      })
      .toEqual(['mingle']);
    await allow(tab);
    const second = await prove(visit, tab);
    if (mode === 'code') expect(second).not.toBe(first);
    await visit.page.clock.runFor(2500);
    await visit.gadget().getByText('builds too').waitFor();
    await tab.getByRole('heading', { name: 'You’re connected' }).waitFor();
    expect([...(await connected())].sort()).toEqual(['jenkins', 'mingle']);
    expect(visit.context.pages()).toHaveLength(2);
  });

  it('shows the part that is there while the window asks for the other, also after a reload in between', async () => {
    await start(false, mode);
    const visit = await opened();
    const tab = await follow(visit);
    await allow(tab);
    // A page that is loaded now asks for the code of the first, though the second waits too.
    await visit.page.reload();
    await prove(visit, tab);
    await asksForSecond(visit, tab);
    await visit.gadget().getByText('cards of ann').waitFor();
    await allow(tab);
    await prove(visit, tab);
    await visit.page.clock.runFor(2500);
    await visit.gadget().getByText('builds too').waitFor();
  });

  it('stops after the first when that is canceled', async () => {
    await start(true, mode);
    const visit = await opened();
    const tab = await follow(visit);
    await pressArmed(tab, /^Continue/);
    await tab.getByRole('link', { name: 'Allow' }).click();
    if (mode === 'code') {
      await pressArmed(tab, 'Connect');
      await tab.getByRole('button', { name: 'Don’t connect' }).click();
    } else await tab.getByRole('button', { name: 'Cancel' }).click();
    await tab.getByRole('heading', { name: 'Not connected' }).waitFor();
    const { stores, clock } = { ...setup.oriel.ports, clock: setup.oriel.clock };
    expect(await stores.flows.pending(viewerOf('gocd', 'ann'), clock.now())).toEqual([]);
    await visit.page.clock.runFor(2500);
    await visit.gadget().getByRole('button', { name: 'Connect mingle' }).waitFor();
  });
});
