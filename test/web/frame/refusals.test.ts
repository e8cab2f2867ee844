import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleGadget, type GadgetServer, startGadgetServer } from '../../support/gadget-server.js';
import type { Answer } from '../../support/http-viewer.js';
import { launcher } from './launching.js';

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeAll(async () => {
  server = await startGadgetServer({ gadgets: [exampleGadget, { ...exampleGadget, id: 'not-yours' }] });
  page = launcher(server);
});
afterAll(() => server.close());

const codeOf = ({ text }: Answer): string | undefined => /data-oriel-code="(\w+)"/.exec(text)?.[1];
const ancestorsOf = ({ headers }: Answer): string | undefined =>
  /frame-ancestors ([^;]*)/.exec(String(headers['content-security-policy']))?.[1];

/** A refusal that a person can read, framed by the right host, with no internals. */
const expectRefusal = (
  answer: Answer,
  status: number,
  code: string,
  ancestors = 'http://localhost:8153',
): void => {
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  expect(ancestorsOf(answer)).toBe(ancestors);
  expect(answer.headers['content-type']).toContain('text/html');
  expect(answer.text).not.toMatch(/\bat .*\.(js|ts):\d+/);
  expect(answer.text).toContain(String(answer.headers['x-request-id']));
};

describe('a launch is refused', () => {
  it('for an unknown host, which no page may frame', async () => {
    const url = `${server.gadgetOrigin}/h/nobody/g/example`;
    expectRefusal(await page.launch({ token: 'x' }, {}, url), 404, 'host_unknown', "'none'");
  });

  it('for an unknown gadget and for one its host may not show', async () => {
    const url = `${server.gadgetOrigin}/h/gocd/g/nothing`;
    expectRefusal(await page.launch({ token: 'x' }, {}, url), 404, 'gadget_unknown');
    const other = `${server.gadgetOrigin}/h/gocd/g/not-yours`;
    expectRefusal(await page.launch({ token: await page.token() }, {}, other), 403, 'gadget_not_allowed');
  });

  it('as a page of its own, so that no one can be sent to a gadget that holds another viewer’s token', async () => {
    const token = await page.token();
    const headers = { 'sec-fetch-dest': 'document' };
    expectRefusal(await page.launch({ token }, headers), 403, 'not_framed');
    expectRefusal(await page.get(page.path, headers), 403, 'not_framed');
    expect((await page.launch({ token })).status).toBe(200);
  });

  it('in the language of the launch, else of the browser, with the developer’s words in English beside', async () => {
    const forged = await page.launch({ token: 'x', locale: 'fr-CA' });
    expect(forged.text).toContain('<html lang="fr" dir="ltr"');
    expect(forged.text).toContain('n’a pas indiqué qui vous êtes');
    const unknown = await page.launch(
      { token: 'x', colour: 'red' },
      { 'accept-language': 'xx, ja;q=0.8, de;q=0.9' },
    );
    expect(unknown.text).toContain('<html lang="de" dir="ltr"');
    expect(unknown.text).toContain('Die Seite sendet einen Wert, den dieses Gadget nicht kennt.');
    expect(unknown.text).toMatch(/lang="en" dir="ltr">A launch has no field “colour”/);
  });

  it('without a token, with a forged one, and with one of absurd length', async () => {
    expectRefusal(await page.launch({}), 400, 'token_missing');
    const token = await page.token();
    expectRefusal(await page.launch({ token: `${token.slice(0, -4)}AAAA` }), 401, 'token_invalid');
    expectRefusal(await page.launch({ token: 'x'.repeat(9000) }), 401, 'token_invalid');
  });

  it('with a token that names another gadget', async () => {
    expectRefusal(await page.launch({ token: await page.token({ gadget: 'other' }) }), 401, 'token_invalid');
    expect((await page.launch({ token: await page.token({ gadget: 'example' }) })).status).toBe(200);
  });

  it('with its code and reason in the log', async () => {
    const answers = [
      await page.launch({ token: await page.token({ aud: 'https://elsewhere.example' }) }),
      await page.launch({ token: 'x'.repeat(9000) }),
      await page.launch({ token: await page.token(), colour: 'red' }),
    ];
    const logged = answers.map(({ headers }) => {
      const line = server.lines.find(({ requestId }) => requestId === headers['x-request-id']);
      return [line?.code, line?.reason];
    });
    expect(logged).toEqual([
      ['token_invalid', expect.stringContaining('“aud”')],
      ['token_invalid', 'A host token has at most 8192 characters.'],
      ['parameter_unknown', undefined],
    ]);
  });

  it('with unknown, wrong, locked, repeated and over-long fields, and the token is then not used up', async () => {
    const token = await page.token({ params: { project: 'apollo' } });
    expectRefusal(await page.launch({ token, colour: 'red' }), 400, 'parameter_unknown');
    expectRefusal(await page.launch({ token, 'p.cards': 'seven' }), 400, 'parameter_invalid');
    expectRefusal(await page.launch({ token, 'p.project': 'gemini' }), 400, 'parameter_locked');
    expectRefusal(await page.launch({ token, 'p.cards': '1'.repeat(20_000) }), 400, 'parameter_invalid');
    expectRefusal(await page.launch({ token, 'p.cards': '1'.repeat(40_000) }), 413, 'body_too_large');
    expect((await page.launch({ token })).status).toBe(200);
  });

  it('with a repeated field or another kind of body', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await fetch(page.path, { method: 'POST', headers, body: 'token=a&token=b' });
    expect([twice.status, await twice.text()]).toEqual([400, expect.stringContaining('parameter_repeated')]);
    const json = await fetch(page.path, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(json.status).toBe(415);
  });
});

describe('a launch that is repeated', () => {
  it('answers 4xx with the page that asks the host to launch again, and accepts no token twice', async () => {
    const token = await page.token();
    expect((await page.launch({ token })).status).toBe(200);
    const again = await page.launch({ token });
    expect(again.status).toBe(401);
    expect(again.text).toContain('id="oriel-relaunch"');
    expect(again.text).toContain('"hostOrigins":["http://localhost:8153"]');
    expect(again.text).not.toContain('class="who"');
    expect(ancestorsOf(again)).toBe('http://localhost:8153');
  });

  it('says in its own words what happened, with the code on the page and the reason in the log', async () => {
    const logged = (id: unknown) => server.lines.find(({ requestId }) => requestId === id);
    const token = await page.token();
    await page.launch({ token });
    const replayed = await page.launch({ token });
    expect(replayed.text).toContain('This gadget was already started');
    expect(replayed.text).toContain('<code>token_replayed</code>');
    const { code, reason } = logged(replayed.headers['x-request-id']) ?? {};
    expect([code, reason]).toEqual(['token_replayed', expect.stringContaining('“jti” was used before')]);

    const slow = Math.floor(server.clock.now() / 1000) - 95;
    const late = await page.launch({ token: await page.token({ iat: slow, exp: slow + 60 }) });
    expect(late.text).toContain('the clock of its server is slow');
    expect(late.text).toContain('<code>token_expired</code>');
    const line = logged(late.headers['x-request-id']);
    expect(line?.reason).toMatch(/“iat” is 9[56] seconds old: the host’s clock is slow/);
  });

  it('is used once by however many launches at the same time', async () => {
    const token = await page.token();
    const answers = await Promise.all(Array.from({ length: 8 }, () => page.launch({ token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)]);
  });

  it('is a GET after a reload or Back: static, and the same for everyone', async () => {
    for (const url of [page.path, `${page.path}/relaunch`]) {
      const answer = await page.get(url, { 'sec-fetch-dest': 'iframe' });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('id="oriel-relaunch"');
      expect(ancestorsOf(answer)).toBe('http://localhost:8153');
    }
    const stranger = await page.get(`${server.gadgetOrigin}/h/nobody/g/example/relaunch`);
    expectRefusal(stranger, 404, 'host_unknown', "'none'");
  });
});

describe('nothing that is secret', () => {
  it('reaches the log', async () => {
    const token = await page.token();
    const launched = await page.launch({ token });
    const bearer = /"bearer":"([\w-]{43})"/.exec(launched.text)?.[1] ?? 'none';
    await page.api(bearer, '/frame/content');
    const log = JSON.stringify(server.lines);
    expect(log).not.toContain(token);
    expect(log).not.toContain(bearer);
    expect(log).toContain('"code":"token_replayed"');
  });
});
