import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { type SiteApp, startSite } from './site-app.js';

const PAGES = ['/', '/connect', '/connections', '/connect/finish?flow=nothing', '/connect/callback/mingle'];

describe('Pages of the site origin', () => {
  let site: SiteApp;
  afterEach(() => site.close());

  it.each(PAGES)('T7: %s cannot be framed, keeps its opener and leaks no address', async (path) => {
    site = await startSite();
    const { headers } = await site.page(new HttpBrowser(), path);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['cross-origin-opener-policy']).toBeUndefined();
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('hold no inline script or style, and disable buttons at first against clickjacking', async () => {
    site = await startSite();
    const browser = new HttpBrowser();
    const { flow, state } = await site.depart(browser);
    await site.callback(browser, { state, code: 'code-of-ada' });
    const { text } = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(text).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son[a-z]+=/);
    expect(text).toMatch(/<button[^>]*data-oriel-arm>Connect<\/button>/);
  });

  it('behind TLS set cookies that no sibling domain and no plain connection can set', async () => {
    site = await startSite(
      {},
      { siteOrigin: 'https://oriel.example', gadgetOrigin: 'https://gadgets.example' },
    );
    const answer = await request(`http://127.0.0.1:${site.port}/connect/open`, {
      method: 'POST',
      headers: {
        host: 'oriel.example',
        origin: 'https://oriel.example',
        'sec-fetch-site': 'same-origin',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ticket: await site.ticket() }),
    });
    expect(answer.statusCode).toBe(200);
    const cookie = String(answer.headers['set-cookie']).toLowerCase();
    expect(cookie).toMatch(/^__host-oriel-flow-[\w-]{8}=[\w-]{43}; /);
    for (const attribute of ['path=/', 'secure', 'httponly', 'samesite=lax'])
      expect(cookie.split('; ')).toContain(attribute);
    expect(cookie).not.toContain('domain');
    await answer.body.dump();
  });
});
