import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alice, bob } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { HttpBrowser } from '../../support/http-viewer.js';
import { withoutRandom } from '../../support/without-random.js';
import { type SiteApp, startSite } from './site-app.js';
import { visit } from './visiting.js';

/** A request of My connections that started in a session which is over when it ends. */
describe('My connections, asked for while its session ends', () => {
  let site: SiteApp;
  let browser: HttpBrowser;

  beforeEach(async () => {
    site = await startSite();
    browser = new HttpBrowser();
    await stepsOf(site).connect('ada');
    await visit(site, browser, alice);
  });
  afterEach(() => site.close());

  const cookie = () => browser.cookies(site.siteOrigin).get('oriel-viewer') ?? '';

  /** Another tab of this browser looks at the list, and is answered only after `whileWaiting`. */
  const during = async (whileWaiting: () => Promise<unknown>): Promise<void> => {
    const lists = site.stores.connectionLists;
    const usesOf = lists.usesOf.bind(lists);
    let asked = (): void => {};
    let goOn = (): void => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const released = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    Object.assign(site.stores.connectionLists, {
      usesOf: async (ids: Parameters<typeof usesOf>[0]) => {
        Object.assign(site.stores.connectionLists, { usesOf });
        asked();
        await released;
        return usesOf(ids);
      },
    });
    const late = site.page(browser, '/connections');
    await reached;
    await whileWaiting();
    goOn();
    expect((await late).status).toBe(200);
  };

  const seenWith = async (key: string): Promise<string> => {
    const replay = { headers: { cookie: `oriel-viewer=${key}` } };
    return (await new HttpBrowser().send(`${site.siteOrigin}/connections`, replay)).text;
  };

  it('does not bring it back after its viewer closed it', async () => {
    const key = cookie();
    await during(() => site.post(browser, '/connections/close', {}));
    expect(await seenWith(key)).toContain('data-oriel-page="connections"');
  });

  it('keeps nothing of a viewer who was erased', async () => {
    const key = cookie();
    await during(() => site.post(browser, '/connections/erase', {}));
    expect(await seenWith(key)).toContain('data-oriel-page="connections"');
    expect((await site.stores.connectionLists.everythingOf(alice)).sessions).toEqual([]);
  });

  it('does not sign the former viewer in to this browser again', async () => {
    await during(() => visit(site, browser, bob));
    expect(withoutRandom((await site.page(browser, '/connections')).text)).not.toContain('ada');
  });
});
