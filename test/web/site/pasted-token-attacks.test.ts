import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { bob } from '../../connect/connect-setup.js';
import { HttpBrowser } from '../../support/http-viewer.js';
import { startTokenServer, tokenProviders } from '../../support/token-server.js';
import { type Pasting, startPasting, TOKEN } from './pasting.js';

describe('Where a token is pasted, as others try it', () => {
  let site: Pasting;
  let browser: HttpBrowser;

  beforeEach(async () => {
    site = await startPasting();
    browser = new HttpBrowser();
  });
  afterEach(() => site.close());

  it('nothing is taken in another browser', async () => {
    const { flow } = await site.open(browser);
    expect((await site.paste(new HttpBrowser(), flow, TOKEN)).status).toBe(404);
    expect(site.api.asked).toEqual([]);
  });

  it('nothing is taken from another site, or without its own page (CSRF)', async () => {
    const { flow } = await site.open(browser);
    for (const origin of ['https://evil.example', site.gadgetOrigin]) {
      const url = `${site.siteOrigin}/connect/token`;
      const answer = await browser.send(url, { origin, form: { flow, token: TOKEN } });
      expect(answer.status).toBe(403);
    }
    expect(site.api.asked).toEqual([]);
  });

  it('a ticket opens the form once, and never for another browser', async () => {
    const { ticket } = await site.open(browser);
    const stolen = await new HttpBrowser().send(`${site.siteOrigin}/connect/open`, {
      ...{ origin: site.siteOrigin, json: { ticket, via: 'opener' } },
    });
    expect(stolen.status).toBe(409);
  });

  it('nothing is taken twice, or after the flow went on', async () => {
    const { flow } = await site.open(browser);
    const both = await Promise.all([site.paste(browser, flow, TOKEN), site.paste(browser, flow, TOKEN)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 409]);
    expect((await site.paste(browser, flow, 'tok-of-bob-000000000000000000')).status).toBe(409);
    expect(await site.stores.flows.byId(flow)).toMatchObject({ account: { id: 'ada' } });
    await site.send(browser, '/connect/accept', { flow });
    expect((await site.paste(browser, flow, TOKEN)).status).toBe(409);
  });

  it('another viewer’s frame makes no Connection of it (T15)', async () => {
    const { flow } = await site.open(browser);
    await site.paste(browser, flow, TOKEN);
    await site.send(browser, '/connect/accept', { flow });
    await expect(activateFlow(site.deps, flow, bob)).rejects.toMatchObject({ code: 'viewer_changed' });
    expect(await site.find(bob)).toBeNull();
  });

  it('nothing is taken when the flow’s time is over', async () => {
    const { flow } = await site.open(browser);
    site.clock.pass(11 * 60_000);
    expect((await site.paste(browser, flow, TOKEN)).status).toBe(409);
    expect(site.api.asked).toEqual([]);
  });

  it('a token in the address counts for nothing, and a body is small', async () => {
    const { flow } = await site.open(browser);
    const asGet = await site.page(browser, `/connect/token?flow=${flow}&token=${TOKEN}`);
    expect(asGet.status).toBe(405);
    const inQuery = await site.send(browser, `/connect/token?token=${TOKEN}`, { flow });
    expect(inQuery.status).toBe(422);
    expect((await site.paste(browser, flow, 'x'.repeat(9000))).status).toBe(413);
    expect(site.api.asked).toEqual([]);
  });

  it('no one is sent anywhere for consent, and a token is for its own kind of provider alone', async () => {
    const { flow } = await site.open(browser);
    expect((await site.send(browser, '/connect/go', { flow })).status).toBe(409);
    const oauth = { ...tokenProviders(site.api.url).gocd, preset: 'oauth2', connect: 'oauth' };
    const endpoints = { authorizationEndpoint: `${site.api.url}/a`, tokenEndpoint: `${site.api.url}/t` };
    const gocd = { ...oauth, ...endpoints, client: { id: 'c', secret: 's' } };
    await site.reload(site.configuration({ ...tokenProviders(site.api.url), gocd }));
    expect((await site.paste(browser, flow, TOKEN)).status).toBe(409);
    expect(await site.stores.flows.byId(flow)).toMatchObject({ status: 'failed' });
    const again = await site.open(browser);
    expect(again.html).not.toContain('name="token"');
    expect((await site.paste(browser, again.flow, TOKEN)).status).toBe(409);
    expect(site.api.asked).toEqual([]);
  });

  it('a record that is moved or turned into OAuth does not get what was pasted before', async () => {
    await site.connect(browser);
    const other = await startTokenServer();
    other.tokens.set(TOKEN, 'ada');
    const gocd = { ...tokenProviders(other.url).gocd };
    await site.reload(site.configuration({ ...tokenProviders(site.api.url), gocd }));
    const answer = await (await site.frame()).content();
    expect(answer.text).toContain('data-oriel-state="reconnect"');
    expect(other.asked).toEqual([]);
    await other.close();
  });
});
