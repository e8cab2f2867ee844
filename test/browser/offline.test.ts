import type { BrowserContext } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

let setup: BrowserSetup;
let visit: Visit;
beforeEach(async () => {
  setup = await setUpBrowser();
  visit = await setup.visit();
  await visit.gadget().getByText('ann').waitFor();
  await visit.settled();
  await visit.context.setOffline(true);
});
afterEach(() => setup.close());

/** Holds every request for a token, a renewal's too, which may come at any moment after the network was away; then fails them; then lets them through. */
const cutTokens = async (context: BrowserContext) => {
  let asked: () => void = () => {};
  let fail: () => void = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const isFailing = new Promise<void>((resolve) => {
    fail = resolve;
  });
  let isRestored = false;
  await context.route('**/oriel-token', async (route) => {
    if (isRestored) return route.continue();
    asked();
    await isFailing;
    return route.abort('internetdisconnected');
  });
  const restore = (): void => {
    isRestored = true;
  };
  return { asked: isAsked, fail, restore };
};

describe('a launch without a network', () => {
  it('says so, with a code, and is made by itself when the network is back', async () => {
    await visit.page.evaluate("document.getElementById('one').reload()");
    await visit.event('oriel-error', { code: 'offline' });
    await visit.page.getByText('You’re offline.').waitFor();
    await visit.page.getByText('(offline)').waitFor();
    await visit.context.setOffline(false);
    await visit.gadget().getByText('ann').waitFor();
    expect(await visit.page.getByText('You’re offline.').isVisible()).toBe(false);
  });

  it('does not show the browser’s error page when only the gadget server cannot be reached', async () => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin, sub: 'bob' });
    await visit.set('token-url', null);
    await visit.event('oriel-error', { code: 'attributes_missing' });
    await visit.set('token', token);
    await visit.page.getByText('You’re offline.').waitFor();
    expect(await visit.page.locator('#one iframe').count()).toBe(0);
    await visit.set('token-url', '/oriel-token');
    await visit.context.setOffline(false);
    await visit.gadget().getByText('ann').waitFor();
  });

  it('is made again where it failed only after the browser had called itself online', async () => {
    const { page, context } = visit;
    await context.setOffline(false);
    // Until the page knows, what fails is said to be offline.
    await expect.poll(() => page.evaluate('navigator.onLine')).toBe(true);
    const tokens = await cutTokens(context);
    await page.evaluate("document.getElementById('one').reload()");
    await tokens.asked;
    await page.evaluate("dispatchEvent(new Event('online'))");
    tokens.fail();
    await visit.event('oriel-error', { code: 'token_url_unreachable' });
    tokens.restore();
    await visit.gadget().getByText('ann').waitFor();
  });

  it('is made again when the page comes to the front again', async () => {
    const other = await setup.visit();
    await other.gadget().getByText('ann').waitFor();
    await other.settled();
    const tokens = await cutTokens(other.context);
    tokens.fail();
    await other.page.evaluate("document.getElementById('one').reload()");
    await other.event('oriel-error', { code: 'token_url_unreachable' });
    tokens.restore();
    await other.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await other.gadget().getByText('ann').waitFor();
  });

  it('is made at once, after two seconds and after ten when the network is back, for it may take that long to work', async () => {
    const { page, context, event, gadget } = await setup.visit({}, (page) => page.clock.install());
    await gadget().getByText('ann').waitFor();
    let asked = 0;
    await context.route('**/oriel-token', (route) => {
      asked += 1;
      return asked < 4 ? route.abort('internetdisconnected') : route.continue();
    });
    const failures = () =>
      page.evaluate("events.filter(({ code }) => code === 'token_url_unreachable').length");
    await page.evaluate("document.getElementById('one').reload()");
    await event('oriel-error', { code: 'token_url_unreachable' });
    await page.evaluate("dispatchEvent(new Event('online'))");
    await expect.poll(failures).toBe(2);
    await page.clock.fastForward(2_000);
    await expect.poll(failures).toBe(3);
    await page.clock.fastForward(8_000);
    await gadget().getByText('ann').waitFor();
    expect(asked).toBe(4);
  });

  it('is not made again where no network helps', async () => {
    const { page, event, set } = await setup.visit();
    await set('token-url', null);
    await event('oriel-error', { code: 'attributes_missing' });
    const failures = () => page.evaluate("events.filter(({ code }) => code === 'attributes_missing').length");
    for (const how of [
      "document.dispatchEvent(new Event('visibilitychange'))",
      "dispatchEvent(new Event('online'))",
    ]) {
      await page.evaluate(how);
      // What is to be done at once is done before a timer of the page's own.
      await page.evaluate('new Promise((done) => setTimeout(done, 50))');
    }
    expect(await failures()).toBe(1);
  });
});
