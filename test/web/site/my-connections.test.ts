import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { issueTicket } from '../../../src/connect/viewers-connections.js';
import { alice, bob } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { type SiteApp, startSite } from './site-app.js';

describe('My connections', () => {
  let site: SiteApp;
  let browser: HttpBrowser;

  beforeEach(async () => {
    site = await startSite();
    browser = new HttpBrowser();
  });
  afterEach(() => site.close());

  const open = async (viewer = alice, as = browser) => {
    const { ticket } = await issueTicket(site.ports, viewer, viewer.sub);
    const url = `${site.siteOrigin}/connections/open`;
    const answer = await as.send(url, { origin: site.siteOrigin, json: { ticket: ticket.reveal() } });
    expect(answer.status).toBe(200);
    return answer;
  };
  const list = async () => (await site.page(browser, '/connections')).text;
  const cookie = () => browser.cookies(site.siteOrigin).get('oriel-viewer');

  it('shows nothing without a session, and sets none', async () => {
    const answer = await site.page(browser, '/connections');
    expect(answer.text).toContain('data-oriel-page="connections"');
    expect(answer.text).toContain(site.gadgetOrigin);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('lists what this viewer connected, and no one else’s', async () => {
    await stepsOf(site).connect('ada');
    await stepsOf(site).connect('bo', 'github', bob);
    const { headers } = await open();
    expect(String(headers['set-cookie']).toLowerCase()).toMatch(/httponly/);
    expect(String(headers['set-cookie']).toLowerCase()).toMatch(/samesite=lax/);
    const text = await list();
    expect(text).toContain('ada');
    expect(text).not.toContain('bo<');
  });

  it('speaks the language of the gadget that led here, and keeps no sentence for its next page', async () => {
    const { id } = await stepsOf(site).connect('ada');
    const { ticket } = await issueTicket(site.ports, alice, 'ada', { locale: 'pl-PL' });
    const url = `${site.siteOrigin}/connections/open`;
    await browser.send(url, { origin: site.siteOrigin, json: { ticket: ticket.reveal() } });
    expect(await list()).toMatch(
      /<html lang="pl" dir="ltr" data-oriel-locale="pl-PL"[\s\S]*<h1>Moje połączenia<\/h1>/,
    );
    await site.post(browser, `/connections/${id}/disconnect`, {});
    const kept = await site.stores.webSessions.get(cookie() ?? '', site.clock.now());
    expect(JSON.parse(kept ?? '{}').said).toMatchObject({
      kind: 'disconnected',
      disconnection: { name: 'GitHub' },
    });
    expect(await list()).toContain('Rozłączono GitHub, a nadane uprawnienie zostało cofnięte.');
  });

  it('shows what this viewer chose in gadgets, and forgets it gadget by gadget, for this viewer alone', async () => {
    const { viewerChoices } = site.stores;
    const choose = (viewer: typeof alice, gadget: string, value: string) =>
      viewerChoices.put({ viewer, gadget, parameter: 'order', value, now: site.clock.now() });
    await choose(alice, 'reviews', 'by <b>name</b>');
    await choose(alice, 'gone', 'newest');
    await choose(bob, 'reviews', 'of bob');
    await open();
    const text = await list();
    expect(text).toContain('Your choices in gadgets');
    expect(text).toMatch(/<h3><bdi>Reviews<\/bdi><\/h3>[\s\S]*by &lt;b&gt;name&lt;\/b&gt;/);
    expect(text).toContain('newest');
    expect(text).not.toContain('of bob');
    const answer = await site.post(browser, '/connections/choices/reset', { gadget: 'reviews' });
    expect(answer.status).toBe(303);
    expect((await browser.send(redirectOf(answer, site.siteOrigin))).text).toContain(
      'The gadget shows what the page sets again.',
    );
    expect(await viewerChoices.ofViewer(alice)).toMatchObject([{ gadget: 'gone' }]);
    expect(await viewerChoices.ofViewer(bob)).toHaveLength(1);
  });

  it('disconnects, says what that did, and says it once', async () => {
    const { id } = await stepsOf(site).connect('ada');
    await open();
    const answer = await site.post(browser, `/connections/${id}/disconnect`, {});
    expect(answer.status).toBe(303);
    const after = await browser.send(redirectOf(answer, site.siteOrigin));
    expect(after.text).toContain('revoked the permission');
    expect(await list()).not.toContain('revoked the permission');
    expect(site.server.revoked).toEqual(['access-ada-1']);
  });

  it('cannot be made to disconnect by another site, nor another viewer’s Connection', async () => {
    const { id } = await stepsOf(site).connect('ada');
    const path = `/connections/${id}/disconnect`;
    await open();
    const forged = { origin: 'https://evil.example', form: {} };
    expect((await browser.send(site.siteOrigin + path, forged)).status).toBe(403);
    expect((await browser.send(site.siteOrigin + path, { form: {} })).status).toBe(403);
    expect((await browser.send(`${site.siteOrigin}/connections/close`, forged)).status).toBe(403);
    await open(bob);
    expect((await site.post(browser, path, {})).status).toBe(404);
    expect((await site.post(new HttpBrowser(), path, {})).status).toBe(303);
    expect(await site.stores.connections.byId(id)).not.toBeNull();
  });

  it('belongs to the viewer who opened it last, in a new session', async () => {
    await stepsOf(site).connect('ada');
    await stepsOf(site).connect('bo', 'github', bob);
    await open(alice);
    const alices = cookie();
    await open(bob);
    expect(cookie()).not.toBe(alices);
    expect(await list()).toContain('bo<');
    const replay = { headers: { cookie: `oriel-viewer=${alices}` } };
    const answer = await new HttpBrowser().send(`${site.siteOrigin}/connections`, replay);
    expect(answer.text).toContain('data-oriel-page="connections"');
  });

  it('never takes a session id that a browser brought along', async () => {
    const planted = 'p'.repeat(43);
    const url = `${site.siteOrigin}/connections/open`;
    const { ticket } = await issueTicket(site.ports, alice, null);
    const answer = await browser.send(url, {
      origin: site.siteOrigin,
      json: { ticket: ticket.reveal() },
      headers: { cookie: `oriel-viewer=${planted}` },
    });
    expect(answer.status).toBe(200);
    expect(cookie()).toMatch(/^[\w-]{43}$/);
    expect(cookie()).not.toBe(planted);
  });

  it('forgets its viewer after fifteen minutes without use, and when it is closed', async () => {
    await open();
    site.clock.pass(14 * 60_000);
    expect(await list()).toContain('data-oriel-page="list"');
    site.clock.pass(14 * 60_000);
    expect(await list()).toContain('data-oriel-page="list"');
    site.clock.pass(16 * 60_000);
    expect(await list()).toContain('data-oriel-page="connections"');

    await open();
    const kept = cookie();
    expect((await site.post(browser, '/connections/close', {})).text).toContain('data-oriel-page="closed"');
    expect(cookie()).toBeUndefined();
    const replay = { headers: { cookie: `oriel-viewer=${kept}` } };
    const answer = await new HttpBrowser().send(`${site.siteOrigin}/connections`, replay);
    expect(answer.text).toContain('data-oriel-page="connections"');
  });

  it('is not opened in a browser by another site that holds a ticket of its own', async () => {
    const { ticket } = await issueTicket(site.ports, bob, null);
    const json = { ticket: ticket.reveal() };
    const url = `${site.siteOrigin}/connections/open`;
    for (const from of [{}, { origin: 'https://evil.example' }])
      expect((await browser.send(url, { ...from, json })).status).toBe(403);
    expect(cookie()).toBeUndefined();
    expect((await browser.send(url, { origin: site.siteOrigin, json })).status).toBe(200);
  });

  it('opens by its own tickets only, and these open nothing else', async () => {
    const url = `${site.siteOrigin}/connections/open`;
    const flowTicket = await site.ticket();
    const refused = await browser.send(url, { origin: site.siteOrigin, json: { ticket: flowTicket } });
    expect(refused.status).toBe(403);
    expect(cookie()).toBeUndefined();
    const { ticket } = await issueTicket(site.ports, alice, null);
    expect((await site.open(browser, ticket.reveal())).status).toBe(403);
  });

  it('and the connect pages do not touch each other’s cookies', async () => {
    await open();
    const before = cookie();
    const opened = await site.open(browser, await site.ticket());
    expect(String(opened.headers['set-cookie'])).not.toContain('oriel-viewer');
    expect(cookie()).toBe(before);
  });
});
