import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPendingFlows } from '../../../src/connect/consent/activate-flow.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { type Answer, HttpBrowser, httpFrame, redirectOf } from '../../support/http-viewer.js';
import { CONNECT_URL, codeOn, type Linked, refusalOf, startLinked, wordsOf } from './linked.js';

let oriel: Linked;
beforeEach(async () => {
  oriel = await startLinked();
});
afterEach(() => oriel.close());

const begin = (bearer: string) =>
  httpFrame(oriel).call(bearer, '/frame/flows', { provider: '', intent: 'visit' });
const trade = (browser: HttpBrowser, ticket: string, origin = oriel.siteOrigin) =>
  browser.send(`${oriel.siteOrigin}/connections/visit`, { origin, json: { ticket } });
const page = (browser: HttpBrowser, flow: string) =>
  browser.send(`${oriel.siteOrigin}/connections/enter?flow=${flow}`);
const list = async (browser: HttpBrowser): Promise<string> =>
  (await browser.send(`${oriel.siteOrigin}/connections`)).text;
const isIn = async (browser: HttpBrowser): Promise<boolean> =>
  (await list(browser)).includes('data-oriel-page="list"');
const press = (browser: HttpBrowser, flow: string): Promise<Answer> =>
  oriel.post(browser, '/connections/enter', flow);

/** A visit started in a gadget of this host, its link opened in `browser`. */
const follow = async (host: string, browser: HttpBrowser, sub = 'ann') => {
  const bearer = await oriel.launch(host, sub);
  const { flow = '', ticket = '' } = await begin(bearer);
  const { next } = JSON.parse((await trade(browser, ticket)).text) as { next: string };
  expect(next).toBe(`/connections/enter?flow=${flow}`);
  return { bearer, flow, ticket };
};

describe('My connections by a link of mode reauth', () => {
  it('opens when the host says that its viewer is there, and a link alone opens nothing', async () => {
    const browser = new HttpBrowser();
    const { flow } = await follow('gocd', browser);
    expect(wordsOf(await page(browser, flow))).toContain('Confirm it’s you');
    expect(await isIn(browser)).toBe(false);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(false);
    const answered = await oriel.answer(browser, await oriel.vouching(await oriel.ask(browser, flow)));
    const seen = await oriel.see(browser, answered);
    const ready = await browser.send(redirectOf(seen, oriel.siteOrigin));
    expect(wordsOf(ready)).toContain('confirmed that ann');
    expect(await isIn(browser)).toBe(false);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(true);
    expect(await list(browser)).toContain('<bdi>ann</bdi>');
  });

  it('stays closed when the host names someone else: the link was passed on', async () => {
    const browser = new HttpBrowser();
    const { flow } = await follow('gocd', browser);
    const request = await oriel.ask(browser, flow);
    const answered = await oriel.answer(browser, await oriel.vouching(request, 'bob'));
    // Nor by stepping over the page on which that comes out.
    await press(browser, flow);
    expect(await isIn(browser)).toBe(false);
    await oriel.see(browser, answered);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(false);
    expect(wordsOf(await page(browser, flow))).toContain('This link no longer works');
  });

  it('stays closed in a browser that did not open the link, whatever the host says', async () => {
    const [browser, other] = [new HttpBrowser(), new HttpBrowser()];
    const { flow, ticket } = await follow('gocd', browser);
    const answered = await oriel.answer(other, await oriel.vouching(await oriel.ask(browser, flow)));
    expect((await oriel.see(other, answered)).status).toBe(404);
    expect((await press(other, flow)).status).toBe(404);
    expect(refusalOf(await trade(other, ticket))).toBe('ticket_in_use');
    expect(await isIn(other)).toBe(false);
  });
});

describe('My connections by a link of mode code', () => {
  it('opens when its code was typed into a gadget of its viewer', async () => {
    const browser = new HttpBrowser();
    const { bearer, flow } = await follow('portal', browser);
    const code = codeOn(await page(browser, flow));
    const early = await browser.send(redirectOf(await press(browser, flow), oriel.siteOrigin));
    expect(wordsOf(early)).toContain('hasn’t been entered in the gadget yet');
    expect(await isIn(browser)).toBe(false);
    expect(JSON.parse((await oriel.enter(bearer, flow, code)).text)).toMatchObject({ status: 'accepted' });
    expect(wordsOf(await page(browser, flow))).toContain('Continue only if that’s you');
    const forged = { origin: 'https://evil.example', form: { flow } };
    expect((await browser.send(`${oriel.siteOrigin}/connections/enter`, forged)).status).toBe(403);
    expect(await isIn(browser)).toBe(false);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(true);
    expect(await oriel.look(bearer, flow)).toMatchObject({ status: 'active' });
  });

  it('stays closed for a code that another viewer types, and for a wrong one', async () => {
    const browser = new HttpBrowser();
    const { bearer, flow } = await follow('portal', browser);
    const code = codeOn(await page(browser, flow));
    const bobs = await oriel.launch('portal', 'bob');
    expect((await oriel.enter(bobs, flow, code)).status).toBe(409);
    expect((await oriel.enter(bearer, flow, 'BCDF-GHJK')).status).toBe(403);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(false);
  });

  it('says for how long its code works, and offers another one when that is over', async () => {
    const browser = new HttpBrowser();
    const { bearer, flow } = await follow('portal', browser);
    const shown = async () => {
      const seen = await page(browser, flow);
      return {
        code: codeOn(seen),
        seconds: Number(/data-oriel-seconds="(\d+)"/.exec(seen.text)?.[1]),
        words: wordsOf(seen),
      };
    };
    const first = await shown();
    expect(Math.abs(first.seconds - 300)).toBeLessThan(20);
    oriel.clock.pass(2 * 60_000);
    const later = await shown();
    expect(later.code).toBe(first.code);
    expect(Math.abs(later.seconds - 180)).toBeLessThan(20);
    expect(later.words).toMatch(/It works for another \d min( \d+ sec)?\./);
    oriel.clock.pass(3 * 60_000);
    const stale = await shown();
    expect(stale.code).toBe('');
    expect(stale.words).toContain('This code has expired');
    expect(stale.words).not.toContain('works for another');
    await oriel.post(browser, '/connect/accept', flow);
    const next = await shown();
    expect(next.code).not.toBe(first.code);
    expect(JSON.parse((await oriel.enter(bearer, flow, next.code)).text)).toMatchObject({
      status: 'accepted',
    });
  });

  it('opens once, in the browser that showed the code', async () => {
    const [browser, other] = [new HttpBrowser(), new HttpBrowser()];
    const { bearer, flow } = await follow('portal', browser);
    await oriel.enter(bearer, flow, codeOn(await page(browser, flow)));
    expect((await press(other, flow)).status).toBe(404);
    await press(browser, flow);
    await oriel.post(browser, '/connections/close', flow);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(false);
  });

  it('T11: stays closed when its host’s mode was changed in the meantime', async () => {
    const browser = new HttpBrowser();
    const { bearer, flow } = await follow('portal', browser);
    await oriel.enter(bearer, flow, codeOn(await page(browser, flow)));
    await oriel.change('portal', { connectMode: 'opener' });
    expect((await press(browser, flow)).status).toBe(409);
    expect(await isIn(browser)).toBe(false);
  });

  it('is too old after ten minutes', async () => {
    const browser = new HttpBrowser();
    const { bearer, flow } = await follow('portal', browser);
    await oriel.enter(bearer, flow, codeOn(await page(browser, flow)));
    oriel.clock.pass(10 * 60_000);
    await press(browser, flow);
    expect(await isIn(browser)).toBe(false);
  });
});

describe('A visit’s ticket', () => {
  it('connects nothing, and a connection’s ticket visits nothing (T11)', async () => {
    const bearer = await oriel.launch('portal');
    const { ticket: visits = '' } = await begin(bearer);
    const { ticket: connects = '' } = await oriel.begin(bearer);
    expect((await oriel.open(new HttpBrowser(), visits)).status).toBe(403);
    expect((await trade(new HttpBrowser(), connects)).status).toBe(403);
    expect((await trade(new HttpBrowser(), visits, 'https://evil.example')).status).toBe(403);
    expect((await trade(new HttpBrowser(), visits)).status).toBe(200);
  });

  it('connects nothing either in the browser that used it, and a connection’s used ticket visits nothing there', async () => {
    const bearer = await oriel.launch('portal');
    const { ticket: visits = '' } = await begin(bearer);
    const { ticket: connects = '' } = await oriel.begin(bearer);
    const browser = new HttpBrowser();
    expect((await trade(browser, visits)).status).toBe(200);
    expect((await oriel.open(browser, connects)).status).toBe(200);
    expect((await oriel.open(browser, visits)).status).toBe(403);
    expect((await trade(browser, connects)).status).toBe(403);
  });

  it('is what opens My connections: a connection’s flow does not, though the host has said who is there', async () => {
    const browser = new HttpBrowser();
    const bearer = await oriel.launch('gocd');
    const flow = await oriel.follow(browser, bearer);
    const answered = await oriel.answer(browser, await oriel.vouching(await oriel.ask(browser, flow)));
    await oriel.see(browser, answered);
    expect((await oriel.look(bearer, flow)).status).toBe('vouched');
    expect((await press(browser, flow)).status).toBeGreaterThanOrEqual(400);
    expect(await isIn(browser)).toBe(false);
    expect((await oriel.look(bearer, flow)).status).toBe('vouched');
  });

  it('T11: opens nothing when its host’s mode was changed in the meantime', async () => {
    const { ticket = '' } = await begin(await oriel.launch('portal'));
    await oriel.change('portal', { connectMode: 'reauth', connectUrl: CONNECT_URL });
    const browser = new HttpBrowser();
    expect((await trade(browser, ticket)).status).toBe(403);
    expect(browser.cookies(oriel.siteOrigin).size).toBe(0);
  });

  it('is not made in mode code for a viewer without a name', async () => {
    const unnamed = await oriel.launch('portal', 'ann', { name: undefined });
    await expect(begin(unnamed)).rejects.toThrow('viewer_unnamed');
  });

  it('is not created twenty-one times in ten minutes', async () => {
    const bearer = await oriel.launch('portal');
    for (let count = 0; count < 20; count += 1) await begin(bearer);
    await expect(begin(bearer)).rejects.toThrow('too_many_requests');
  });

  it('is not made where a gadget can open a window, and goes to no provider', async () => {
    await expect(begin(await oriel.launch('plain'))).rejects.toThrow('flow_step');
    const browser = new HttpBrowser();
    const { flow } = await follow('portal', browser);
    expect((await oriel.post(browser, '/connect/go', flow)).status).toBe(409);
    expect((await oriel.ports.stores.flows.byId(flow))?.status).not.toBe('failed');
    const ann = viewerOf('portal', 'ann');
    expect(await listPendingFlows(oriel.ports, ann)).toEqual([]);
    const { text } = await page(browser, flow);
    expect(text).not.toContain('/connect/go');
  });
});
