import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { CONNECT_URL, HOST_ORIGIN, hashOf, type Linked, refusalOf, startLinked, wordsOf } from './linked.js';

let oriel: Linked;
beforeAll(async () => {
  oriel = await startLinked();
});
afterAll(() => oriel.close());

/** Up to where the host's answer is awaited. */
const asked = async (sub = 'ann', browser = new HttpBrowser()) => {
  const bearer = await oriel.launch('gocd', sub);
  const flow = await oriel.follow(browser, bearer);
  return { bearer, browser, flow, request: await oriel.ask(browser, flow) };
};
const tokenRequests = (): number => oriel.authorizationServer.asked('redeem');

describe('A link of mode reauth', () => {
  it('goes through the host, which says who is signed in there, to the provider and back', async () => {
    const { bearer, browser, flow, request } = await asked();
    const answered = await oriel.answer(browser, await oriel.vouching(request));
    expect(answered).toMatchObject({ status: 303, headers: { location: `/connect/vouched?flow=${flow}` } });
    const question = await oriel.see(browser, answered);
    expect(wordsOf(question)).toContain('GoCD just confirmed');
    expect(wordsOf(question)).toContain('Continue to Mingle');
    await oriel.consent(browser, flow);
    expect((await oriel.accept(browser, flow)).text).toContain('data-oriel-page="done"');
    expect(await oriel.look(bearer, flow)).toMatchObject({ status: 'active', mode: 'reauth' });
  });

  it('names everyone before it asks, and asks by an address of the host’s own record', async () => {
    const browser = new HttpBrowser();
    const { flow = '', ticket = '' } = await oriel.begin(await oriel.launch('gocd'));
    const { html } = JSON.parse((await oriel.open(browser, ticket)).text);
    for (const said of ['GoCD', HOST_ORIGIN, 'ann', 'Mingle']) expect(html).toContain(said);
    expect(html).not.toContain('/connect/go');
    const { headers } = await oriel.post(browser, '/connect/ask', flow);
    expect(headers.location).toMatch(
      /^http:\/\/localhost:8153\/oriel-connect\?from=oriel&request=[\w-]{43}$/,
    );
  });

  it('lives as long as its flow', async () => {
    const late = await startLinked();
    try {
      const { ticket = '', expiresIn } = await late.begin(await late.launch('gocd'));
      expect(expiresIn).toBe(600);
      late.clock.pass(9 * 60_000);
      expect((await late.open(new HttpBrowser(), ticket)).status).toBe(200);
    } finally {
      await late.close();
    }
  });

  it('opened by another person fails: the host names someone else, and the flow ends', async () => {
    const { bearer, flow, browser: bobs, request } = await asked('ann');
    const before = tokenRequests();
    const page = await oriel.see(bobs, await oriel.answer(bobs, await oriel.vouching(request, 'bob')));
    expect(page.text).toContain('another_person');
    for (const path of ['/connect/go', '/connect/ask', '/connect/accept'])
      expect((await oriel.post(bobs, path, flow)).status).toBe(409);
    expect(await oriel.look(bearer, flow)).toMatchObject({ status: 'failed', code: 'another_person' });
    expect(tokenRequests()).toBe(before);
  });

  it('waits while the host’s answer is unseen, even if it names someone else', async () => {
    const { flow, browser, request } = await asked('ann');
    expect((await oriel.post(browser, '/connect/go', flow)).status).toBe(409);
    await oriel.answer(browser, await oriel.vouching(request, 'bob'));
    expect((await oriel.post(browser, '/connect/go', flow)).status).toBe(409);
    const seen = await browser.send(`${oriel.siteOrigin}/connect/finish?flow=${flow}`);
    expect(refusalOf(seen)).toBe('another_person');
  });

  it('T2: an answer posted by another browser gives that browser nothing, whichever viewer it names', async () => {
    const { browser, flow, request } = await asked();
    const stranger = new HttpBrowser();
    const answered = await oriel.answer(stranger, await oriel.vouching(request));
    expect(refusalOf(await oriel.see(stranger, answered))).toBe('flow_unknown');
    expect((await oriel.post(stranger, '/connect/go', flow)).status).toBe(404);
    expect(wordsOf(await oriel.see(browser, answered))).toContain('Continue to Mingle');
  });
});

describe('The host’s answer', () => {
  it('is refused from anyone who cannot sign as that host', async () => {
    const { browser, request } = await asked();
    const answers: readonly [string, Promise<string> | string, string?][] = [
      ['token_missing', ''],
      ['token_invalid', 'no.token.here'],
      ['token_invalid', 'x'.repeat(9000)],
      ['token_invalid', oriel.vouching(request, 'ann', { iss: 'wiki' })],
      ['token_invalid', oriel.vouching(request), 'wiki'],
      ['token_invalid', oriel.vouching(request, 'ann', { flow_hash: undefined })],
      ['token_purpose', oriel.vouching(request, 'ann', { purpose: undefined })],
      ['token_purpose', oriel.vouching(request, 'ann', { purpose: 'leave' })],
      ['connect_request_invalid', oriel.vouching('another request')],
      ['connect_request_invalid', oriel.vouching(request, 'ann', { flow_hash: request })],
      ['connect_request_invalid', oriel.vouching(request, 'ann', { iss: 'wiki' }), 'wiki'],
      ['connect_request_invalid', oriel.vouching(request, 'ann', { iss: 'portal' }), 'portal'],
      ['host_unknown', oriel.vouching(request), 'nobody'],
    ];
    for (const [code, token, host] of answers) {
      const answer = await oriel.answer(browser, await token, host, 'https://evil.example');
      expect([code, refusalOf(answer)]).toEqual([code, code]);
    }
    expect((await oriel.answer(browser, await oriel.vouching(request))).status).toBe(303);
  });

  it('T12: counts once, and so does the request', async () => {
    const { browser, request } = await asked();
    const token = await oriel.vouching(request);
    const both = await Promise.all([oriel.answer(browser, token), oriel.answer(browser, token)]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 401]);
    expect(refusalOf(await oriel.answer(browser, token))).toBe('token_replayed');
    const again = await oriel.answer(browser, await oriel.vouching(request));
    expect(refusalOf(again)).toBe('connect_request_invalid');
  });

  it('counts for the newest request of a flow only', async () => {
    const { browser, flow, request: older } = await asked();
    const newer = await oriel.ask(browser, flow);
    expect(refusalOf(await oriel.answer(browser, await oriel.vouching(older)))).toBe(
      'connect_request_invalid',
    );
    expect((await oriel.answer(browser, await oriel.vouching(newer))).status).toBe(303);
  });

  it('no longer counts when the host’s mode was changed in the meantime', async () => {
    const browser = new HttpBrowser();
    const flow = await oriel.follow(browser, await oriel.launch('wiki'));
    const token = await oriel.vouching(await oriel.ask(browser, flow), 'ann', { iss: 'wiki' });
    onTestFinished(() => oriel.change('wiki', { connectMode: 'reauth', connectUrl: CONNECT_URL }));
    await oriel.change('wiki', { connectMode: 'code', connectUrl: null });
    expect(refusalOf(await oriel.answer(browser, token, 'wiki'))).toBe('connect_request_invalid');
    expect((await oriel.post(browser, '/connect/ask', flow)).status).toBe(409);
    expect((await oriel.ports.stores.flows.byId(flow))?.status).toBe('asked');
  });

  it('T14: finds its own of two flows that one browser has', async () => {
    const browser = new HttpBrowser();
    const [one, two] = [await asked('ann', browser), await asked('bob', browser)];
    const answered = await oriel.answer(browser, await oriel.vouching(one.request, 'ann'));
    await oriel.answer(browser, await oriel.vouching(two.request, 'bob'));
    expect((await oriel.see(browser, answered)).text).toContain('ann');
    await oriel.consent(browser, one.flow);
    await oriel.consent(browser, two.flow, 'eve');
    await oriel.accept(browser, two.flow);
    await oriel.accept(browser, one.flow);
    expect((await oriel.look(one.bearer, one.flow)).status).toBe('active');
    expect((await oriel.look(two.bearer, two.flow)).status).toBe('active');
  });

  it('leaves no token, request or ticket in what is logged', async () => {
    const { browser, request } = await asked();
    const token = await oriel.vouching(request);
    await oriel.see(browser, await oriel.answer(browser, token));
    const log = JSON.stringify(oriel.lines);
    for (const secret of [request, hashOf(request), token, ...browser.cookies(oriel.siteOrigin).values()])
      expect(log).not.toContain(secret);
  });
});
