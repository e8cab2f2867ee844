import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { codeOn, type Linked, refusalOf, startLinked, wordsOf } from './linked.js';

let oriel: Linked;
beforeEach(async () => {
  oriel = await startLinked();
});
afterEach(() => oriel.close());

const WRONG = 'BCDF-GHJK';

/** Up to the page that shows the code. */
const coded = async (sub = 'ann', browser = new HttpBrowser()) => {
  const bearer = await oriel.launch('portal', sub);
  const flow = await oriel.follow(browser, bearer);
  await oriel.consent(browser, flow);
  const page = await oriel.accept(browser, flow);
  return { bearer, browser, flow, page, code: codeOn(page) };
};
const statusOf = async (bearer: string, flow: string) => (await oriel.look(bearer, flow)).status;

describe('A link of mode code', () => {
  it('ends with a code that its viewer types into the gadget, and only then connects', async () => {
    const { bearer, flow, page, code } = await coded();
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    for (const said of ['Portal', 'http://localhost:8153', 'ann', 'Mingle', 'Don’t share this code'])
      expect(wordsOf(page)).toContain(said);
    expect(await oriel.look(bearer, flow)).toMatchObject({ status: 'coded', mode: 'code' });
    const entered = await oriel.enter(bearer, flow, code);
    expect(JSON.parse(entered.text)).toMatchObject({ flow, status: 'active' });
  });

  it.each([
    ['small letters', (code: string) => code.toLowerCase()],
    ['no hyphen', (code: string) => code.replace('-', '')],
    ['spaces and another dash', (code: string) => ` ${code.replace('-', ' – ').split('').join(' ')} `],
  ])('takes the code with %s', async (_, typed) => {
    const { bearer, flow, code } = await coded();
    expect(JSON.parse((await oriel.enter(bearer, flow, typed(code))).text).status).toBe('active');
  });

  it('warns anyone who was sent the link, and names who would see the data', async () => {
    const { ticket = '' } = await oriel.begin(
      await oriel.launch('portal', 'ann', { email: 'ann@portal.example' }),
    );
    const { html } = JSON.parse((await oriel.open(new HttpBrowser(), ticket)).text);
    for (const said of ['Portal', 'ann@portal.example', 'Did someone send you a link'])
      expect(html).toContain(said);
  });

  it('is not started for a viewer without a name, and says what to fix', async () => {
    const bearer = await oriel.launch('portal', 'ann', { name: undefined });
    await expect(oriel.begin(bearer)).rejects.toThrow(/viewer_unnamed.*Portal doesn’t say your name/);
    const named = await oriel.launch('plain', 'ann', { name: undefined });
    await expect(oriel.begin(named)).resolves.toMatchObject({ mode: 'opener' });
  });

  it('opened by another person gives the attacker nothing: the code is on that person’s page alone', async () => {
    const alices = await oriel.launch('portal', 'alice');
    const bobs = new HttpBrowser();
    const flow = await oriel.follow(bobs, alices);
    await oriel.consent(bobs, flow, 'bob');
    const code = codeOn(await oriel.accept(bobs, flow));
    for (let looks = 0; looks < 3; looks += 1) {
      const seen = await oriel.look(alices, flow);
      expect(seen.status).toBe('coded');
      expect(JSON.stringify(seen)).not.toContain(code);
    }
    const viewer = { id: '["portal","alice"]', host: 'portal', sub: 'alice' };
    expect(await oriel.ports.stores.connections.ofViewer(viewer as never)).toEqual([]);
    const cancelled = await oriel.post(bobs, '/connect/cancel', flow);
    expect(wordsOf(cancelled)).toContain('Not connected');
    expect(await statusOf(alices, flow)).toBe('cancelled');
    await oriel.enter(alices, flow, code);
    expect(await statusOf(alices, flow)).toBe('cancelled');
  });

  it('T15: takes the code from its own viewer alone', async () => {
    const { flow, code } = await coded('ann');
    const bobs = await oriel.launch('portal', 'bob');
    expect(refusalOf(await oriel.enter(bobs, flow, code))).toBe('viewer_changed');
    expect((await oriel.ports.stores.flows.byId(flow))?.status).toBe('coded');
    const another = await oriel.launch('portal', 'ann');
    expect(JSON.parse((await oriel.enter(another, flow, code)).text).status).toBe('active');
  });
});

describe('The code', () => {
  it('is shown again to the browser that said yes, and to no one else', async () => {
    const { browser, flow, code } = await coded();
    const address = `${oriel.siteOrigin}/connect/finish?flow=${flow}`;
    expect(codeOn(await browser.send(address))).toBe(code);
    expect(refusalOf(await new HttpBrowser().send(address))).toBe('flow_unknown');
  });

  it('may be wrong five times: then the flow is over, and its tokens are revoked', async () => {
    const { bearer, flow, code } = await coded();
    for (const left of ['4 more times', '3 more times', '2 more times', '1 more time'])
      expect(await oriel.enter(bearer, flow, WRONG)).toMatchObject({
        status: 403,
        text: expect.stringContaining(`You can try ${left}.`),
      });
    expect(JSON.parse((await oriel.enter(bearer, flow, WRONG)).text)).toMatchObject({
      status: 'failed',
      code: 'code_wrong',
    });
    expect(oriel.authorizationServer.revoked).toEqual(['access-ada-1']);
    expect(JSON.parse((await oriel.enter(bearer, flow, code)).text).status).toBe('failed');
    const held = await oriel.ports.stores.flows.byId(flow);
    expect(held && (await oriel.ports.stores.flows.tokens(held))).toBeNull();
  });

  it('T12: gives twenty parallel guesses five tries', async () => {
    const { bearer, flow, code } = await coded();
    const answers = await Promise.all(Array.from({ length: 20 }, () => oriel.enter(bearer, flow, WRONG)));
    expect(answers.filter(({ text }) => text.includes('You can try')).length).toBeLessThanOrEqual(4);
    expect(await statusOf(bearer, flow)).toBe('failed');
    await oriel.enter(bearer, flow, code);
    expect(await statusOf(bearer, flow)).toBe('failed');
  });

  it('does not cost a try if it cannot be a code', async () => {
    const { bearer, flow, code } = await coded();
    for (const typed of ['BCDFGHJ', 'BCDFGHJKL', 'AEIO-UUUU', '1234-5678', '--------'])
      expect(refusalOf(await oriel.enter(bearer, flow, typed))).toBe('connect_code_wrong');
    expect((await oriel.ports.stores.flows.byId(flow))?.code?.tries).toBe(0);
    expect(JSON.parse((await oriel.enter(bearer, flow, code)).text).status).toBe('active');
  });

  it('is too old after five minutes, and can be requested again on its page', async () => {
    const { bearer, browser, flow, code } = await coded();
    oriel.clock.pass(5 * 60_000);
    expect(refusalOf(await oriel.enter(bearer, flow, code))).toBe('connect_code_expired');
    const old = await browser.send(`${oriel.siteOrigin}/connect/finish?flow=${flow}`);
    expect(codeOn(old)).toBe('');
    expect(wordsOf(old)).toContain('This code has expired');
    const again = codeOn(await oriel.accept(browser, flow));
    expect(again).not.toBe(code);
    expect(refusalOf(await oriel.enter(bearer, flow, code))).toBe('connect_code_wrong');
    expect(JSON.parse((await oriel.enter(bearer, flow, again)).text).status).toBe('active');
  });

  it('is guessed fifteen times by a viewer, over all their flows', async () => {
    const flows = [await coded(), await coded(), await coded(), await coded()];
    const [last] = flows.splice(3);
    for (const { bearer, flow } of flows)
      for (let tries = 0; tries < 5; tries += 1) await oriel.enter(bearer, flow, WRONG);
    if (last === undefined) throw new Error('no flow is left');
    expect(refusalOf(await oriel.enter(last.bearer, last.flow, last.code))).toBe('too_many_requests');
    const other = await coded('bob');
    expect(JSON.parse((await oriel.enter(other.bearer, other.flow, other.code)).text).status).toBe('active');
  });

  it('T19: of an older flow does not replace what a newer one has connected', async () => {
    const older = await coded();
    oriel.clock.pass(1000);
    const newer = await coded();
    await oriel.enter(newer.bearer, newer.flow, newer.code);
    await oriel.enter(older.bearer, older.flow, older.code);
    expect(await statusOf(older.bearer, older.flow)).toBe('superseded');
    expect(await statusOf(newer.bearer, newer.flow)).toBe('active');
  });

  it('that waits to be typed ends with Disconnect', async () => {
    const first = await coded();
    await oriel.enter(first.bearer, first.flow, first.code);
    oriel.clock.pass(1000);
    const second = await coded();
    const options = { origin: oriel.gadgetOrigin, headers: { authorization: `Bearer ${second.bearer}` } };
    await new HttpBrowser().send(`${oriel.gadgetOrigin}/frame/disconnect`, {
      ...options,
      json: { provider: 'mingle' },
    });
    await oriel.enter(second.bearer, second.flow, second.code);
    expect(await statusOf(second.bearer, second.flow)).toBe('cancelled');
  });

  it('is in no log, and not in the store', async () => {
    const { bearer, flow, code } = await coded();
    await oriel.enter(bearer, flow, WRONG);
    await oriel.enter(bearer, flow, code);
    for (const text of [code, code.replace('-', '')]) expect(JSON.stringify(oriel.lines)).not.toContain(text);
  });
});
