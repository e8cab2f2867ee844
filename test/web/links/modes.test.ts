import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { type Linked, refusalOf, startLinked } from './linked.js';

let oriel: Linked;
beforeAll(async () => {
  oriel = await startLinked();
});
afterAll(() => oriel.close());

const ticketOf = async (host: string): Promise<string> =>
  (await oriel.begin(await oriel.launch(host))).ticket ?? '';

describe('The mode of a host', () => {
  it.each([
    ['plain', 'fragment'],
    ['gocd', 'opener'],
    ['portal', 'opener'],
    ['plain', 'code'],
    ['gocd', 'reauth'],
    ['gocd', ''],
  ])('T11: refuses a ticket of %s that arrives via “%s”, and sets no cookie', async (host, via) => {
    const browser = new HttpBrowser();
    const ticket = await ticketOf(host);
    const answer = await oriel.open(browser, ticket, via);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers['set-cookie']).toBeUndefined();
    const own = host === 'plain' ? 'opener' : 'fragment';
    expect((await oriel.open(browser, ticket, own)).status).toBe(200);
  });

  it('T11: refuses a ticket of the mode the host had before', async () => {
    const ticket = await ticketOf('wiki');
    await oriel.change('wiki', { connectMode: 'opener', connectUrl: null });
    const browser = new HttpBrowser();
    expect(refusalOf(await oriel.open(browser, ticket))).toBe('ticket_invalid');
    expect(browser.cookies(oriel.siteOrigin).size).toBe(0);
  });

  it.each(['gocd', 'portal'])('T5: takes a link’s ticket of %s from our own page only', async (host) => {
    const ticket = await ticketOf(host);
    const address = `${oriel.siteOrigin}/connect/open`;
    const attempts = [
      { origin: 'https://evil.example', json: { ticket, via: 'fragment' } },
      { origin: oriel.siteOrigin, form: { ticket, via: 'fragment' } },
      {
        method: 'POST' as const,
        origin: 'https://evil.example',
        headers: { 'content-type': 'text/plain' },
      },
    ];
    for (const attempt of attempts) {
      const answer = await new HttpBrowser().send(address, attempt);
      expect([403, 415]).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it.each(['gocd', 'portal'])('T12: trades a link’s ticket of %s once', async (host) => {
    const ticket = await ticketOf(host);
    const all = await Promise.all(Array.from({ length: 8 }, () => oriel.open(new HttpBrowser(), ticket)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it.each(['portal', 'plain'])('offers %s no way through the host', async (host) => {
    const browser = new HttpBrowser();
    const { flow = '', ticket = '' } = await oriel.begin(await oriel.launch(host));
    await oriel.open(browser, ticket, host === 'plain' ? 'opener' : 'fragment');
    expect((await oriel.post(browser, '/connect/ask', flow)).status).toBe(409);
  });

  it('T5: redirects no one to the host or the provider for another site’s form', async () => {
    const browser = new HttpBrowser();
    const flow = await oriel.follow(browser, await oriel.launch('gocd'));
    for (const path of ['/connect/ask', '/connect/go', '/connect/cancel']) {
      const answer = await browser.send(oriel.siteOrigin + path, {
        origin: 'https://evil.example',
        form: { flow },
      });
      expect(refusalOf(answer)).toBe('origin_refused');
    }
    expect((await oriel.ports.stores.flows.byId(flow))?.status).toBe('opened');
  });

  it('T1: the URL alone starts nothing, in any mode', async () => {
    const answer = await new HttpBrowser().send(`${oriel.siteOrigin}/connect`);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each(['gocd', 'portal'])(
    'T2, T3: a callback of a flow of %s in another browser is refused',
    async (host) => {
      const browser = new HttpBrowser();
      const bearer = await oriel.launch(host);
      const flow = await oriel.follow(browser, bearer);
      if (host === 'gocd') await oriel.answer(browser, await oriel.vouching(await oriel.ask(browser, flow)));
      const gone = await oriel.post(browser, '/connect/go', flow);
      const state = new URL(String(gone.headers.location)).searchParams.get('state') ?? '';
      const before = oriel.authorizationServer.asked('redeem');
      const address = `${oriel.siteOrigin}/connect/callback/mingle?${new URLSearchParams({ state, code: 'code-of-eve' })}`;
      expect(refusalOf(await new HttpBrowser().send(address))).toBe('state_mismatch');
      expect(oriel.authorizationServer.asked('redeem')).toBe(before);
    },
  );

  it.each(['gocd', 'portal'])('T8: a gadget of %s refuses to be a page of its own', async (host) => {
    const answer = await new HttpBrowser().send(`${oriel.gadgetOrigin}/h/${host}/g/example`, {
      headers: { 'sec-fetch-dest': 'document' },
    });
    expect(refusalOf(answer)).toBe('not_framed');
  });
});
