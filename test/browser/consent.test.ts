import { setTimeout as pause } from 'node:timers/promises';
import type { Frame, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { viewerOf } from '../../src/domain/viewer.js';
import { installClock, pressArmed } from '../support/armed.js';
import { fragment } from '../support/gadget-server.js';
import { type BrowserSetup, GADGET, setUpBrowser, type Visit } from './browser-setup.js';
import { startProviderPage } from './provider-page.js';

let setup: BrowserSetup;
let mingle: Awaited<ReturnType<typeof startProviderPage>>;
beforeEach(async () => {
  mingle = await startProviderPage();
  setup = await setUpBrowser({ providers: [mingle.provider] });
  setup.oriel.render(async ({ viewer }) => {
    const connection = await setup.oriel.ports.stores.connections.find(viewer, 'mingle');
    if (connection?.status === 'active')
      return fragment(`<p>cards of ${viewer.sub}</p>
        <details class="oriel-menu"><summary>Options</summary>
        <button data-oriel-action="other-account" data-oriel-provider="mingle">Another account</button>
        <button data-oriel-action="disconnect" data-oriel-provider="mingle">Disconnect</button>
        <button data-oriel-action="connections">My connections</button></details>`);
    const button = '<button data-oriel-action="connect" data-oriel-provider="mingle">Connect Mingle</button>';
    return fragment(button, { state: 'connect', fetchedAt: null });
  });
});
afterEach(async () => {
  await setup.close();
  await mingle.close();
});

/** The host's page, with a clock that these tests move. */
const opened = (): Promise<Visit> => setup.visit({}, (page) => installClock(page.context()));
const connectButton = (visit: Visit, id = 'one') =>
  visit.gadget(id).getByRole('button', { name: 'Connect Mingle' });

/** Presses Connect, and returns the popup. */
const press = async (visit: Visit, id = 'one'): Promise<Page> => {
  const [popup] = await Promise.all([visit.context.waitForEvent('page'), connectButton(visit, id).click()]);
  return popup;
};
const proceed = async (popup: Page, answer: 'Allow' | 'Deny' = 'Allow'): Promise<void> => {
  await pressArmed(popup, /^Continue/);
  await popup.getByRole('link', { name: answer }).click();
};
const agree = (popup: Page): Promise<void> => pressArmed(popup, 'Connect');
const isWaiting = (visit: Visit, id = 'one'): Promise<void> =>
  visit.gadget(id).getByRole('heading', { name: 'Finish in the other window' }).waitFor();

describe('a consent', () => {
  it('goes from the click to the viewer’s own content, though the provider cuts the popup off', async () => {
    const visit = await opened();
    const { siteOrigin } = setup.oriel;
    const [request, popup] = await Promise.all([
      visit.context.waitForEvent('request', (each) => each.url().startsWith(siteOrigin)),
      press(visit),
    ]);
    expect(request.url()).toBe(`${siteOrigin}/connect?locale=en`);
    await isWaiting(visit);
    await visit.event('oriel-state', { state: 'waiting' });
    await proceed(popup);
    await agree(popup);
    await visit.gadget().getByText('cards of ann').waitFor();
    await visit.event('oriel-state', { state: 'content' });
  });

  it('works when the provider answers by a form from its own site, without our cookies', async () => {
    const visit = await opened();
    const popup = await press(visit);
    await pressArmed(popup, /^Continue/);
    await popup.getByRole('button', { name: 'Allow by form' }).click();
    await agree(popup);
    await visit.gadget().getByText('cards of ann').waitFor();
  });

  it('wakes every frame of that viewer on the page', async () => {
    setup.host.body = [1, 2, 3].map((id) => GADGET.replace('id="one"', `id="g${id}"`)).join('');
    const visit = await opened();
    for (const id of ['g1', 'g2', 'g3']) await visit.settled(id);
    const popup = await press(visit, 'g2');
    await proceed(popup);
    await agree(popup);
    // Frames that show Connect ask for nothing by themselves: only the one that waited can have woken them.
    await Promise.all(['g1', 'g2', 'g3'].map((id) => visit.gadget(id).getByText('cards of ann').waitFor()));
  });

  it('loses nothing when the host page is reloaded in the meantime, and one of its frames asks for all', async () => {
    setup.host.body = [1, 2, 3].map((id) => GADGET.replace('id="one"', `id="g${id}"`)).join('');
    const visit = await opened();
    const popup = await press(visit, 'g1');
    await proceed(popup);
    await visit.page.reload();
    await Promise.all(['g1', 'g2', 'g3'].map((id) => connectButton(visit, id).waitFor()));
    const asking: Frame[] = [];
    visit.page.on('request', (request) => {
      if (request.url().includes('/frame/flows/')) asking.push(request.frame());
    });
    await expect
      .poll(async () => {
        await visit.page.clock.runFor(1000);
        return asking.length;
      })
      .toBeGreaterThan(3);
    expect(new Set(asking).size).toBe(1);
    await agree(popup);
    await Promise.all(['g1', 'g2', 'g3'].map((id) => visit.gadget(id).getByText('cards of ann').waitFor()));
  });

  it('that was denied at the provider leads back to the button, with a sentence', async () => {
    const visit = await opened();
    const popup = await press(visit);
    await proceed(popup, 'Deny');
    await connectButton(visit).waitFor();
    await expect.poll(() => visit.gadget().getByRole('status').last().textContent()).toMatch(/\w/);
  });

  it('that is stuck ends with Cancel for every page, and leaves none of them waiting', async () => {
    const visit = await opened();
    const popup = await press(visit);
    await pressArmed(popup, /^Continue/);
    await popup.getByRole('link', { name: 'Allow' }).waitFor();
    await isWaiting(visit);
    await connectButton(await opened()).waitFor();
    await visit.gadget().getByRole('button', { name: 'Cancel' }).click();
    await visit.gadget().getByText('Canceled. Nothing was connected.').waitFor();
    await visit.page.reload();
    await connectButton(visit).waitFor();
    await popup.getByRole('link', { name: 'Allow' }).click();
    await popup.getByRole('heading', { name: 'Not connected' }).waitFor();
    await connectButton(visit).waitFor();
  });

  it('that is started too often says so in the window that was opened for it', async () => {
    const visit = await opened();
    const { flows } = setup.oriel.ports.stores;
    const first = await press(visit);
    await first.getByRole('button', { name: /^Continue/ }).waitFor();
    const [pending] = await flows.pending(viewerOf('gocd', 'ann'), setup.oriel.clock.now());
    if (pending === undefined) throw new Error('nothing was started');
    for (let n = 0; n < 19; n += 1) {
      const of = { ticketHash: `t${n}`, ticketExpiresAt: pending.expiresAt };
      await flows.create({ ...pending, ...of, id: `left-${n}` });
    }
    await first.close();
    await visit.page.reload();
    const popup = await press(visit);
    await popup.getByRole('heading', { name: 'Something went wrong' }).waitFor();
    await popup.getByText('Too many attempts were started').waitFor();
    await visit.gadget().getByText('Too many attempts were started').waitFor();
  });

  it('can be started again while the frame waits', async () => {
    const visit = await opened();
    const lost = await press(visit);
    await lost.close();
    await isWaiting(visit);
    const [popup] = await Promise.all([
      visit.context.waitForEvent('page'),
      visit.gadget().getByRole('button', { name: 'Open the window again' }).click(),
    ]);
    await proceed(popup);
    await agree(popup);
    await visit.gadget().getByText('cards of ann').waitFor();
  });

  it('is never activated for another viewer whom the host names in the meantime (T15)', async () => {
    const visit = await opened();
    const popup = await press(visit);
    await proceed(popup);
    setup.host.user = 'bob';
    await visit.page.evaluate("document.getElementById('one').reload()");
    await connectButton(visit).waitFor();
    await agree(popup);
    await popup
      .getByText(/close this window/i)
      .first()
      .waitFor();
    for (let looks = 0; looks < 5; looks += 1) {
      await visit.page.clock.runFor(1000);
      await pause(50);
    }
    const { connections } = setup.oriel.ports.stores;
    for (const name of ['ann', 'bob'])
      expect(await connections.find(viewerOf('gocd', name), 'mingle')).toBeNull();
    expect(await visit.gadget().getByText('cards of').count()).toBe(0);
    setup.host.user = 'ann';
    await visit.page.evaluate("document.getElementById('one').reload()");
    await visit.gadget().getByText('cards of ann').waitFor();
  });

  it('opens without an opener if the host isolates its windows, and both sides say what to do', async () => {
    setup.host.headers = { 'Cross-Origin-Opener-Policy': 'same-origin' };
    const visit = await opened();
    const popup = await press(visit);
    await isWaiting(visit);
    await visit.gadget().getByText('If no window opened').waitFor();
    await popup.getByText('I pressed Connect there').click();
    await popup.getByText('Cross-Origin-Opener-Policy').first().waitFor();
  });
});

describe('the gadget’s menu', () => {
  const connected = async (): Promise<Visit> => {
    const visit = await opened();
    const popup = await press(visit);
    await proceed(popup);
    await agree(popup);
    await visit.gadget().getByText('cards of ann').waitFor();
    return visit;
  };

  it('disconnects in every frame of the page, and says so', async () => {
    setup.host.body = GADGET + GADGET.replace('id="one"', 'id="two"');
    const visit = await connected();
    await visit.gadget().getByText('Options').click();
    await visit.gadget().getByRole('button', { name: 'Disconnect' }).click();
    await connectButton(visit).waitFor();
    await visit.gadget().getByText('Mingle is disconnected').waitFor();
    await connectButton(visit, 'two').waitFor();
  });

  it('waits while another account is chosen, and goes back when that is given up', async () => {
    const visit = await connected();
    await visit.gadget().getByText('Options').click();
    const [popup] = await Promise.all([
      visit.context.waitForEvent('page'),
      visit.gadget().getByRole('button', { name: 'Another account' }).click(),
    ]);
    await isWaiting(visit);
    await popup.close();
    await visit.gadget().getByRole('button', { name: 'Cancel' }).click();
    await visit.gadget().getByText('cards of ann').waitFor();
  });

  it('opens My connections for this viewer', async () => {
    const visit = await connected();
    await visit.gadget().getByText('Options').click();
    const [popup] = await Promise.all([
      visit.context.waitForEvent('page'),
      visit.gadget().getByRole('button', { name: 'My connections' }).click(),
    ]);
    await popup.getByRole('button', { name: /Disconnect/ }).waitFor();
    expect(popup.url()).not.toMatch(/[\w-]{43}/);
  });

  it('closes on Escape, which returns the focus, and can be moved through by arrow keys', async () => {
    const visit = await connected();
    const summary = visit.gadget().getByText('Options');
    await summary.click();
    await summary.press('ArrowDown');
    const focused = () => visit.page.frames()[1]?.evaluate('document.activeElement.textContent');
    expect(await focused()).toBe('Another account');
    await visit.page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Disconnect');
    await visit.page.keyboard.press('Escape');
    expect(await focused()).toBe('Options');
    expect(await visit.gadget().getByRole('button', { name: 'Disconnect' }).isVisible()).toBe(false);
  });
});
