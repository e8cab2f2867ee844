import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { interceptHttp } from '../../support/intercept-http.js';
import { type SiteApp, startSite } from './site-app.js';

const CODE = 'a-code';

describe('The callback, and what it sends to the provider', () => {
  let site: SiteApp;
  const sent: { body: string; authorization: string }[] = [];

  interceptHttp(/^(127\.0\.0\.1|localhost):/);
  beforeAll(async () => {
    site = await startSite();
    site.server.accounts.set('an-access-token', 'ada');
  });
  afterEach(() => {
    sent.length = 0;
  });
  afterAll(async () => {
    await site.close();
  });

  const answering = (status: number, body: unknown, provider = 'github') =>
    nock(site.endpoints)
      .persist()
      .post(`/${provider}/token`)
      .reply(function (_uri, requestBody) {
        const authorization = String(this.req.headers.authorization);
        sent.push({ body: String(requestBody), authorization });
        return [status, body as nock.Body, { 'content-type': 'application/json' }];
      });

  const status = async (flow: string) => (await site.stores.flows.byId(flow))?.status;

  it('sends code, verifier and redirect URI once, and holds what comes back', async () => {
    answering(200, { access_token: 'an-access-token', token_type: 'Bearer', expires_in: 60 });
    const browser = new HttpBrowser();
    const { flow, state, url } = await site.depart(browser);
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
    expect((await site.callback(browser, { state, code: CODE })).status).toBe(303);
    expect(await status(flow)).toBe('pending');
    expect(sent).toHaveLength(1);
    const body = new URLSearchParams(sent[0]?.body);
    expect(body.get('code')).toBe(CODE);
    expect(body.get('redirect_uri')).toBe(`${site.siteOrigin}/connect/callback/github`);
    expect(body.get('code_verifier')).toMatch(/^[\w-]{43}$/);
    expect(sent[0]?.authorization).toMatch(/^Basic /);
  });

  it('T2: asks for no token in another browser', async () => {
    answering(200, { access_token: 'an-access-token', token_type: 'Bearer' });
    const { state } = await site.depart(new HttpBrowser());
    expect((await site.callback(new HttpBrowser(), { state, code: CODE })).status).toBe(400);
    expect(sent).toEqual([]);
  });

  it('T12: asks for a token once when the answer comes twice', async () => {
    answering(200, { access_token: 'an-access-token', token_type: 'Bearer' });
    const browser = new HttpBrowser();
    const { state } = await site.depart(browser);
    await Promise.all([1, 2, 3].map(() => site.callback(browser, { state, code: CODE })));
    expect(sent).toHaveLength(1);
  });

  it('takes an answer by form once a page of ours has sent it, in the browser that started', async () => {
    answering(200, { access_token: 'an-access-token', token_type: 'Bearer' });
    const code = `${'%/'.repeat(8 * 1024 - 1)}"<`;
    const posted = (browser: HttpBrowser, origin: string, form: Readonly<Record<string, string>>) =>
      browser.send(`${site.siteOrigin}/connect/callback/github`, { origin, form });
    const browser = new HttpBrowser();
    const { flow, state } = await site.depart(browser);
    const relay = await posted(browser, 'https://github.example', { state, code, unknown: 'x' });
    expect([relay.status, sent]).toEqual([200, []]);
    expect(relay.text).toContain(`name="state" value="${state}"`);
    expect(relay.text).not.toContain('unknown');
    expect(relay.text).toContain('&quot;&lt;">');
    // T2: the page of ours in another browser.
    expect((await posted(new HttpBrowser(), site.siteOrigin, { state, code })).status).toBe(400);
    expect(sent).toEqual([]);
    expect((await posted(browser, site.siteOrigin, { state, code })).headers.location).toBe(
      `/connect/finish?flow=${flow}`,
    );
    expect(new URLSearchParams(sent[0]?.body).get('code')).toBe(code);
    expect(await status(flow)).toBe('pending');
  });

  it.each(['null', 'https://evil.example'])('redeems nothing that a form of %s sends', async (origin) => {
    answering(200, { access_token: 'an-access-token', token_type: 'Bearer' });
    const browser = new HttpBrowser();
    const { flow, state } = await site.depart(browser);
    const headers = { origin, 'sec-fetch-site': 'cross-site' };
    await browser.send(`${site.siteOrigin}/connect/callback/github`, {
      headers,
      form: { state, code: CODE },
    });
    expect(sent).toEqual([]);
    expect(await status(flow)).toBe('redirected');
  });

  it('asks for none without state, and ends the one legacy flow that an error can be about', async () => {
    answering(200, { access_token: 'an-access-token' }, 'mingle');
    const browser = new HttpBrowser();
    const { flow } = await site.depart(browser, 'mingle');
    const neutral = await site.callback(browser, { code: CODE }, 'mingle');
    expect(neutral.status).toBe(400);
    expect(neutral.text).toContain('Nothing to finish here');
    expect(await status(flow)).toBe('redirected');
    const denied = await site.callback(browser, { error: 'access-denied' }, 'mingle');
    expect(denied.headers.location).toBe(`/connect/finish?flow=${flow}`);
    expect((await site.page(browser, `/connect/finish?flow=${flow}`)).text).toContain('Not connected');
    expect(sent).toEqual([]);
  });

  it('shows a refusal as a page without code, and what the provider says as text', async () => {
    const browser = new HttpBrowser();
    const { flow, state } = await site.depart(browser);
    const query = { state, error: 'invalid_scope', error_description: '<img src=x onerror=alert(1)>' };
    await site.callback(browser, query);
    const { text } = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(text).toContain('&lt;img src=x');
    expect(text).not.toContain('<img');
  });

  it.each([
    ['an error with a body that says OK', 200, { error: 'invalid_grant' }],
    ['no token', 200, {}],
    ['a burnt code', 400, { error: 'invalid_grant' }],
    ['a server that is down', 503, '<html>'],
  ])('ends in a clear page on %s', async (_, code, body) => {
    answering(code, body);
    const browser = new HttpBrowser();
    const { flow, state } = await site.depart(browser);
    await site.callback(browser, { state, code: CODE });
    expect(await status(flow)).toBe('failed');
    const page = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('wasn’t connected');
    expect(page.text).not.toContain(CODE);
  });
});
