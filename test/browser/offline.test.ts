import type { Route } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

let scene: BrowserSetup;
let visit: Visit;
beforeEach(async () => {
  scene = await setUpBrowser();
  visit = await scene.visit();
  await visit.gadget().getByText('ann').waitFor();
  await visit.settled();
  await visit.context.setOffline(true);
});
afterEach(() => scene.close());

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
    const token = await signHostToken({ aud: scene.oriel.gadgetOrigin, sub: 'bob' });
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
    let asked: (route: Route) => void = () => {};
    const first = new Promise<Route>((resolve) => {
      asked = resolve;
    });
    await context.route('**/oriel-token', (route) => asked(route), { times: 1 });
    await page.evaluate("document.getElementById('one').reload()");
    const route = await first;
    await page.evaluate("dispatchEvent(new Event('online'))");
    await route.abort('internetdisconnected');
    await visit.event('oriel-error', { code: 'token_url_unreachable' });
    await visit.gadget().getByText('ann').waitFor();
  });

  it('is made again when the page comes to the front again', async () => {
    const other = await scene.visit();
    await other.gadget().getByText('ann').waitFor();
    await other.settled();
    await other.context.route('**/oriel-token', (route) => route.abort(), { times: 1 });
    await other.page.evaluate("document.getElementById('one').reload()");
    await other.event('oriel-error', { code: 'token_url_unreachable' });
    await other.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await other.gadget().getByText('ann').waitFor();
  });
});
