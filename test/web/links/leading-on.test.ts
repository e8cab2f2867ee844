import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { codeOn, type Linked, refusalOf, startLinked, wordsOf } from './linked.js';

let oriel: Linked;
beforeEach(async () => {
  oriel = await startLinked();
});
afterEach(() => oriel.close());

const pageOf = ({ text }: Answer): string | undefined => /data-oriel-page="([\w-]+)"/.exec(text)?.[1];
const at = (browser: HttpBrowser, flow: string): Promise<Answer> =>
  browser.send(`${oriel.siteOrigin}/connect/finish?flow=${flow}`);
const goneTo = (answer: Answer): string => new URL(redirectOf(answer, oriel.siteOrigin)).pathname;

/** A flow opened in a browser, in a host whose mode is `code` unless another is named. */
const opened = async (host = 'portal') => {
  const browser = new HttpBrowser();
  const bearer = await oriel.launch(host);
  const { flow = '', ticket = '' } = await oriel.begin(bearer);
  expect((await oriel.open(browser, ticket, host === 'plain' ? 'opener' : 'fragment')).status).toBe(200);
  return { browser, bearer, flow, ticket };
};

describe('Back, reload and a second click', () => {
  it('find the first question again, and lead to the provider from there', async () => {
    const { browser, flow } = await opened();
    const question = await at(browser, flow);
    expect(pageOf(question)).toBe('question');
    expect(wordsOf(question)).toContain('Continue to Mingle');
    expect(goneTo(await oriel.post(browser, '/connect/go', flow))).toBe('/authorize');
  });

  it('from the provider’s sign-in lead there again, and only its newest answer counts', async () => {
    const { browser, bearer, flow } = await opened();
    const older = redirectOf(await oriel.post(browser, '/connect/go', flow), oriel.siteOrigin);
    const back = await at(browser, flow);
    expect(pageOf(back)).toBe('continue');
    expect(wordsOf(back)).toContain('Mingle hasn’t answered yet');
    const state = new URL(older).searchParams.get('state') ?? '';
    await oriel.consent(browser, flow);
    const late = await browser.send(
      `${oriel.siteOrigin}/connect/callback/mingle?${new URLSearchParams({ state, code: 'code-of-eve' })}`,
    );
    expect(refusalOf(late)).toBe('state_mismatch');
    expect(oriel.authorizationServer.asked('redeem')).toBe(1);
    expect(wordsOf(await at(browser, flow))).not.toContain('eve');
    expect((await oriel.look(bearer, flow)).status).toBe('pending');
  });

  it.each(['plain', 'portal'])('pressed twice at once both lead to the provider (%s)', async (host) => {
    const { browser, flow } = await opened(host);
    const both = await Promise.all([1, 2, 3].map(() => oriel.post(browser, '/connect/go', flow)));
    expect(both.map(goneTo)).toEqual(['/authorize', '/authorize', '/authorize']);
  });

  it('show the next step instead of a dead end, with the refusal’s own status', async () => {
    const { browser, bearer, flow } = await opened();
    await oriel.consent(browser, flow);
    const again = await oriel.post(browser, '/connect/go', flow);
    expect([again.status, pageOf(again)]).toEqual([409, 'finish']);
    const code = codeOn(await oriel.accept(browser, flow));
    for (const path of ['/connect/go', '/connect/other', '/connect/accept'])
      expect([path, pageOf(await oriel.post(browser, path, flow))]).toEqual([path, 'code']);
    await oriel.enter(bearer, flow, code);
    for (const path of ['/connect/go', '/connect/other', '/connect/accept'])
      expect([path, pageOf(await oriel.post(browser, path, flow))]).toEqual([path, 'done']);
    expect(pageOf(await oriel.post(new HttpBrowser(), '/connect/accept', flow))).toBe('error');
  });

  it('show an answer of the provider that came twice how far the first one got', async () => {
    const { browser, flow } = await opened();
    const gone = redirectOf(await oriel.post(browser, '/connect/go', flow), oriel.siteOrigin);
    const state = new URL(gone).searchParams.get('state') ?? '';
    const callback = `${oriel.siteOrigin}/connect/callback/mingle?${new URLSearchParams({ state, code: 'code-of-ada' })}`;
    expect(goneTo(await browser.send(callback))).toBe('/connect/finish');
    expect(goneTo(await browser.send(callback))).toBe('/connect/finish');
    expect(pageOf(await at(browser, flow))).toBe('finish');
    expect(oriel.authorizationServer.asked('redeem')).toBe(1);
  });

  it('say so when Cancel came too late, and how the connection is ended', async () => {
    const { browser, bearer, flow } = await opened();
    await oriel.consent(browser, flow);
    await oriel.enter(bearer, flow, codeOn(await oriel.accept(browser, flow)));
    const late = await oriel.post(browser, '/connect/cancel', flow);
    expect([late.status, pageOf(late)]).toEqual([409, 'done']);
    expect(wordsOf(late)).toContain('It was too late to cancel');
    expect(wordsOf(await at(browser, flow))).not.toContain('too late');
  });

  it('end a flow that cannot continue, and say why', async () => {
    const { browser, bearer, flow } = await opened();
    await oriel.change('portal', { connectMode: 'opener' });
    const ended = await oriel.post(browser, '/connect/go', flow);
    expect([ended.status, pageOf(ended), refusalOf(ended)]).toEqual([409, 'failed', 'mode_changed']);
    expect((await oriel.look(bearer, flow)).status).toBe('failed');
  });
});

describe('A link that is opened again', () => {
  it.each(['portal', 'gocd'])('goes on in the browser that opened it (%s)', async (host) => {
    const browser = new HttpBrowser();
    const { flow = '', ticket = '' } = await oriel.begin(await oriel.launch(host));
    await oriel.open(browser, ticket);
    const before = await oriel.ports.stores.flows.byId(flow);
    const again = JSON.parse((await oriel.open(browser, ticket)).text);
    expect(again).toEqual({ flow, resume: `/connect/finish?flow=${flow}` });
    expect(await oriel.ports.stores.flows.byId(flow)).toEqual(before);
    expect((await at(browser, flow)).status).toBe(200);
  });

  it('says in another browser that it is open elsewhere, and not to start again', async () => {
    const { ticket = '' } = await oriel.begin(await oriel.launch('portal'));
    await oriel.open(new HttpBrowser(), ticket);
    const refused = await oriel.open(new HttpBrowser(), ticket);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'ticket_in_use' });
    expect(JSON.parse(refused.text).detail).not.toMatch(/press connect|start again/i);
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  it('is no longer known by any browser once its time is over', async () => {
    const { ticket = '' } = await oriel.begin(await oriel.launch('portal'));
    await oriel.open(new HttpBrowser(), ticket);
    oriel.clock.pass(10 * 60_000);
    expect(refusalOf(await oriel.open(new HttpBrowser(), ticket))).toBe('ticket_invalid');
  });

  it('does not go on in a browser that only has some other value in the cookie of that flow', async () => {
    const { flow = '', ticket = '' } = await oriel.begin(await oriel.launch('portal'));
    await oriel.open(new HttpBrowser(), ticket);
    const cookie = `oriel-flow-${flow.slice(0, 8)}=${'x'.repeat(43)}`;
    const answer = await new HttpBrowser().send(`${oriel.siteOrigin}/connect/open`, {
      origin: oriel.siteOrigin,
      headers: { cookie },
      json: { ticket, via: 'fragment' },
    });
    expect([answer.status, refusalOf(answer)]).toEqual([409, 'ticket_in_use']);
    expect(answer.text).not.toContain('resume');
  });

  it('cannot continue by another mode, not even in the browser that opened it', async () => {
    const browser = new HttpBrowser();
    const { ticket = '' } = await oriel.begin(await oriel.launch('plain'));
    expect((await oriel.open(browser, ticket, 'opener')).status).toBe(200);
    expect(refusalOf(await oriel.open(browser, ticket, 'fragment'))).toBe('ticket_invalid');
    expect(JSON.parse((await oriel.open(browser, ticket, 'opener')).text)).toHaveProperty('resume');
  });

  it('is reported as open elsewhere only while its flow is in progress', async () => {
    const { browser, bearer, flow, ticket } = await opened();
    expect(refusalOf(await oriel.open(new HttpBrowser(), ticket))).toBe('ticket_in_use');
    await oriel.consent(browser, flow);
    await oriel.enter(bearer, flow, codeOn(await oriel.accept(browser, flow)));
    expect((await oriel.look(bearer, flow)).status).toBe('active');
    expect(refusalOf(await oriel.open(new HttpBrowser(), ticket))).toBe('ticket_invalid');
  });

  it('opens nothing in the browser that opened it once its host’s mode was changed', async () => {
    const browser = new HttpBrowser();
    const { ticket = '' } = await oriel.begin(await oriel.launch('portal'));
    await oriel.open(browser, ticket);
    await oriel.change('portal', { connectMode: 'opener' });
    expect(refusalOf(await oriel.open(browser, ticket))).toBe('ticket_invalid');
  });
});

describe('A host that cannot say who is there', () => {
  it('leads back to this browser’s own flow after an answer that was refused', async () => {
    const { browser, flow } = await opened('gocd');
    await oriel.ask(browser, flow);
    const refused = await oriel.answer(browser, await oriel.vouching('another request'));
    expect([refused.status, refusalOf(refused)]).toEqual([400, 'connect_request_invalid']);
    const [, way = ''] = /href="([^"]*vouched[^"]*)"/.exec(refused.text) ?? [];
    const back = await browser.send(oriel.siteOrigin + way);
    expect(pageOf(back)).toBe('ask');
    expect(wordsOf(back)).toContain('Ask GoCD again');
    const answered = await oriel.answer(browser, await oriel.vouching(await oriel.ask(browser, flow)));
    expect(pageOf(await oriel.see(browser, answered))).toBe('question');
  });

  it('shows nothing of a flow to another browser, and none of another host', async () => {
    const { browser, flow } = await opened('gocd');
    await oriel.ask(browser, flow);
    const way = `${oriel.siteOrigin}/connect/vouched?host=`;
    expect(refusalOf(await new HttpBrowser().send(`${way}gocd`))).toBe('flow_unknown');
    expect(refusalOf(await browser.send(`${way}wiki`))).toBe('flow_unknown');
    expect(refusalOf(await browser.send(`${way}goc`))).toBe('flow_unknown');
  });

  it('leads back to the newest of this browser’s flows, and to none that is too old', async () => {
    const { browser, flow: older } = await opened('gocd');
    await oriel.ask(browser, older);
    oriel.clock.pass(60_000);
    const newer = await oriel.follow(browser, await oriel.launch('gocd', 'bob'));
    await oriel.ask(browser, newer);
    const back = () => browser.send(`${oriel.siteOrigin}/connect/vouched?host=gocd`);
    expect((await back()).text).toContain(`value="${newer}"`);
    oriel.clock.pass(10 * 60_000);
    expect(refusalOf(await back())).toBe('flow_unknown');
  });

  it('can be asked again, or canceled', async () => {
    const { browser, bearer, flow } = await opened('gocd');
    expect(wordsOf(await at(browser, flow))).toContain('You come back here automatically');
    await oriel.ask(browser, flow);
    const back = await at(browser, flow);
    expect(pageOf(back)).toBe('ask');
    expect(wordsOf(back)).toContain('hasn’t confirmed yet who is signed in there');
    expect(pageOf(await oriel.post(browser, '/connect/cancel', flow))).toBe('cancelled');
    expect((await oriel.look(bearer, flow)).status).toBe('cancelled');
  });
});

describe('The page of a code', () => {
  const secondsOn = ({ text }: Answer): number => Number(/data-oriel-seconds="(\d+)"/.exec(text)?.[1]);

  it('says for how long the code works, also where its flow ends before five minutes are over', async () => {
    const { browser, flow } = await opened();
    await oriel.consent(browser, flow);
    /** What the page says, against what the code has left. */
    const expectTrue = async (page: Answer, about: number): Promise<void> => {
      const { code } = (await oriel.ports.stores.flows.byId(flow)) ?? {};
      const left = ((code?.expiresAt ?? 0) - oriel.clock.now()) / 1000;
      expect(Math.abs(secondsOn(page) - left)).toBeLessThan(20);
      expect(Math.abs(left - about)).toBeLessThan(20);
      expect(wordsOf(page)).toMatch(/It works for another \d min \d+ sec\./);
    };
    await expectTrue(await oriel.accept(browser, flow), 300);
    oriel.clock.pass(60_000);
    await expectTrue(await at(browser, flow), 240);
    oriel.clock.pass(5 * 60_000);
    await expectTrue(await oriel.accept(browser, flow), 240);
    const { code, expiresAt } = (await oriel.ports.stores.flows.byId(flow)) ?? {};
    expect(code?.expiresAt).toBe(expiresAt);
  });
});
