import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { startFlow } from '../../../src/connect/consent/start-flow.js';
import { alice } from '../../connect/connect-setup.js';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { type SiteApp, startSite } from './site-app.js';

describe('The connect pages', () => {
  let site: SiteApp;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it('lead from a ticket to a Connection, naming host, viewer, gadget, provider and account', async () => {
    const browser = new HttpBrowser();
    const opened = await site.open(browser, await site.ticket());
    const { flow, html, page, ...names } = JSON.parse(opened.text);
    expect(page).toBe(`/connect/finish?flow=${flow}`);
    expect(names).toEqual({
      host: 'GoCD',
      hostOrigin: 'https://gocd.example',
      viewer: 'Alice <Smith>',
      viewerEmail: 'alice@gocd.example',
      gadget: 'Reviews',
      provider: 'GitHub',
      scopes: ['read'],
      oneGrantPerAccount: false,
    });
    for (const said of ['GoCD', 'https://gocd.example', 'Alice &lt;Smith&gt;', 'Reviews', 'GitHub'])
      expect(html).toContain(said);
    // The name is free text of the record; where the token goes is not.
    expect(html).toContain(
      `<code>${new URL(site.ports.directory.provider('github')?.api ?? '').host}</code>`,
    );
    expect(html).not.toContain('<Smith>');

    const gone = await site.post(browser, '/connect/go', { flow });
    expect(gone.status).toBe(303);
    const state = new URL(redirectOf(gone, site.siteOrigin)).searchParams.get('state') ?? '';
    const back = await site.callback(browser, { state, code: 'code-of-ada' });
    expect(back.headers.location).toBe(`/connect/finish?flow=${flow}`);

    const question = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(question.status).toBe(200);
    for (const said of ['ada', 'Alice &lt;Smith&gt;', 'GoCD', 'Use another account', 'Cancel'])
      expect(question.text).toContain(said);

    const accepted = await site.post(browser, '/connect/accept', { flow });
    const done = await browser.send(redirectOf(accepted, site.siteOrigin));
    expect(done.text).toContain('data-oriel-page="done"');
    expect((await activateFlow(site.ports, flow, alice)).status).toBe('active');
    expect(site.bugs()).toEqual([]);
  });

  it('name of a host with several origins the one whose page asks, and no other than a registered one', async () => {
    const asked = async (origin: string) => {
      const browser = new HttpBrowser();
      const { ticket } = await startFlow(site.ports, {
        viewer: alice,
        profile: { name: 'Alice', email: null, origin },
        gadget: 'reviews',
        provider: 'github',
        intent: 'connect',
      });
      const { flow, hostOrigin } = JSON.parse((await site.open(browser, ticket.reveal())).text);
      const url = redirectOf(await site.post(browser, '/connect/go', { flow }), site.siteOrigin);
      const state = new URL(url).searchParams.get('state') ?? '';
      await site.callback(browser, { state, code: 'code-of-ada' });
      const { text } = await site.page(browser, `/connect/finish?flow=${flow}`);
      return { hostOrigin, text };
    };
    const second = await asked('https://builds.example');
    expect(second.hostOrigin).toBe('https://builds.example');
    expect(second.text).toContain('https://builds.example');
    expect(second.text).not.toContain('https://gocd.example');
    expect((await asked('https://evil.example')).hostOrigin).toBe('https://gocd.example');
  });

  it('T1: the address alone starts nothing and sets no cookie', async () => {
    const answer = await site.page(new HttpBrowser(), '/connect');
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.text).toContain('Cross-Origin-Opener-Policy');
    expect(answer.text).toContain('same-origin-allow-popups');
  });

  it('T2, T3: an answer that arrives in another browser is refused, and no token is asked for', async () => {
    const { state, flow } = await site.depart(new HttpBrowser());
    const bobs = new HttpBrowser();
    await site.depart(bobs);
    const before = site.server.asked('redeem');
    const answer = await site.callback(bobs, { state, code: 'code-of-bob' });
    expect(answer.status).toBe(400);
    expect(site.server.asked('redeem')).toBe(before);
    expect((await site.page(bobs, `/connect/finish?flow=${flow}`)).status).toBe(404);
    for (const path of ['/connect/go', '/connect/accept', '/connect/cancel', '/connect/other'])
      expect((await site.post(bobs, path, { flow })).status).toBe(404);
  });

  it('T5: another site’s page cannot plant its flow in this browser', async () => {
    const ticket = await site.ticket();
    const url = `${site.siteOrigin}/connect/open`;
    const evil = 'https://evil.example';
    const browser = new HttpBrowser();
    const headers = { 'content-type': 'text/plain' };
    const tries = [
      await browser.send(url, { origin: evil, form: { ticket } }),
      await browser.send(url, { origin: evil, json: { ticket }, headers }),
      await browser.send(url, {
        json: { ticket },
        headers: { origin: 'null', 'sec-fetch-site': 'cross-site' },
      }),
      await browser.send(url, { json: { ticket } }),
      await browser.send(url, { json: { ticket }, headers: { origin: site.siteOrigin } }),
      await browser.send(url, { origin: site.gadgetOrigin, json: { ticket } }),
    ];
    for (const answer of tries) {
      expect(answer.status).toBe(403);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect((await browser.send(url, { origin: site.siteOrigin, form: { ticket } })).status).toBe(415);
    expect((await site.open(browser, ticket)).status).toBe(200);
  });

  it('T5: nor continue, accept or cancel for its viewer', async () => {
    const browser = new HttpBrowser();
    const { flow } = JSON.parse((await site.open(browser, await site.ticket())).text) as { flow: string };
    for (const path of ['/connect/go', '/connect/accept', '/connect/cancel', '/connect/other']) {
      const forged = { origin: 'https://evil.example', form: { flow } };
      expect((await browser.send(site.siteOrigin + path, forged)).status).toBe(403);
      expect((await browser.send(site.siteOrigin + path, { form: { flow } })).status).toBe(403);
    }
    expect((await site.post(browser, '/connect/go', { flow })).status).toBe(303);
  });

  it('T11: a ticket for an opener is refused by any other way', async () => {
    const browser = new HttpBrowser();
    const ticket = await site.ticket();
    const refused = await site.open(browser, ticket, { via: 'fragment' });
    expect(refused.status).toBe(403);
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  it('T12: a ticket and an answer count once, also when they come twice at the same time', async () => {
    const browser = new HttpBrowser();
    const ticket = await site.ticket();
    const trades = await Promise.all([
      site.open(new HttpBrowser(), ticket),
      site.open(new HttpBrowser(), ticket),
    ]);
    expect(trades.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { state } = await site.depart(browser);
    const before = site.server.asked('redeem');
    const query = { state, code: 'code-of-ada' };
    const visits = await Promise.all([site.callback(browser, query), site.callback(browser, query)]);
    expect(visits.map(({ status }) => status)).toEqual([303, 303]);
    expect(site.server.asked('redeem')).toBe(before + 1);
  });

  it('T14: two flows of one browser end independently', async () => {
    const browser = new HttpBrowser();
    const [one, two] = [await site.depart(browser), await site.depart(browser)];
    await site.callback(browser, { state: one.state, code: 'code-of-ada' });
    await site.callback(browser, { state: two.state, code: 'code-of-eve' });
    const question = await site.page(browser, `/connect/finish?flow=${one.flow}`);
    expect(question.text).toContain('ada');
    expect((await site.page(browser, `/connect/finish?flow=${two.flow}`)).text).toContain('eve');
    expect([...browser.cookies(site.siteOrigin).keys()].sort()).toEqual(
      [one, two].map(({ flow }) => `oriel-flow-${flow.slice(0, 8)}`).sort(),
    );
  });

  it('T16: an answer for another provider’s address is refused before anything is asked', async () => {
    const browser = new HttpBrowser();
    const { state } = await site.depart(browser);
    const before = site.server.asked('redeem');
    expect((await site.callback(browser, { state, code: 'code-of-ada' }, 'mingle')).status).toBe(400);
    expect(site.server.asked('redeem')).toBe(before);
  });

  it('say what No ended', async () => {
    const browser = new HttpBrowser();
    const { flow, state } = await site.depart(browser, 'mingle');
    await site.callback(browser, { state, code: 'code-of-ada' }, 'mingle');
    expect((await site.page(browser, `/connect/finish?flow=${flow}`)).text).toContain('doesn’t tell us');
    const no = await site.post(browser, '/connect/cancel', { flow });
    expect(no.text).toContain('keeps one connection per account');
    expect(no.text).toContain('https://mingle.example/account');
  });
});
