import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { type OpenIdConsole, startOpenIdConsole } from './openid-console.js';

const INVITE = '/admin/administrators/invite';

describe('A person whom the identity provider already knows', () => {
  let setup: OpenIdConsole;
  beforeEach(async () => {
    setup = await startOpenIdConsole({ subjects: ['alice'], emails: [] }, { people: ['alice'] });
  });
  afterEach(() => setup.close());

  it('can sign in, but must still re-authenticate before changing keys, secrets and hosts', async () => {
    const { app, oidc } = setup;
    const browser = new HttpBrowser();
    const started = await app.post(browser, '/admin/oidc/start', {});
    await browser.send((await oidc.consent(redirectOf(started, app.siteOrigin), 'alice')).href);
    await app.page(browser, '/admin/oidc/done');
    expect((await app.page(browser, '/admin/administrators')).status).toBe(200);
    const asked = await app.page(browser, INVITE);
    expect([asked.status, asked.headers.location]).toEqual([
      303,
      `/admin/confirm?to=${encodeURIComponent(INVITE)}`,
    ]);
  });

  it('is sent there again whatever others of the same network ask for', async () => {
    const { app, oidc } = setup;
    const known = new HttpBrowser();
    const start = () => app.post(known, '/admin/oidc/start', {});
    await known.send((await oidc.consent(redirectOf(await start(), app.siteOrigin), 'alice')).href);
    const { signInThrottle } = app.stores;
    for (let n = 0; n < 120; n += 1) await signInThrottle.redirect({ address: `127.0.0.${2 + (n % 3)}` });
    expect(await signInThrottle.redirect({ address: '127.0.0.9' })).not.toBeNull();
    expect((await start()).status).toBe(303);
  });
});
