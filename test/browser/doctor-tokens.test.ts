import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import type { BrowserSetup } from './browser-setup.js';
import { DOCTOR, type Level, reportOf, setUpDoctor } from './doctor-setup.js';

let setup: BrowserSetup;
beforeAll(async () => {
  setup = await setUpDoctor();
});
afterEach(() => {
  setup.host.tokenAnswer = null;
  setup.host.claims = {};
  setup.host.user = 'ann';
  setup.host.body = DOCTOR;
});
afterAll(() => setup.close());

const seconds = (): number => Math.floor(Date.now() / 1000);
const json = (response: ServerResponse, body: unknown): void =>
  void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

/** Which line names it, how, and with which words. */
type Expected = readonly [line: string, level: Level, words: string];

const expectLine = async (
  [line, level, words]: Expected,
  before?: (page: Page) => Promise<void>,
): Promise<void> => {
  const { page, context } = await setup.visit({}, before);
  const report = await reportOf(page);
  expect(report[line]).toMatchObject({ level });
  expect(report[line]?.text).toContain(words);
  await context.close();
};

describe('The embed doctor says of a token endpoint that it', () => {
  const answers: Readonly<Record<string, readonly [(response: ServerResponse) => void, Expected]>> = {
    'is not there': [
      (response) => void response.writeHead(404).end(),
      ['token-url', 'problem', 'There is nothing at that path'],
    ],
    'answers with a page': [
      (response) =>
        void response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<!doctype html>'),
      ['token-url', 'problem', 'text/html'],
    ],
    'redirects to a sign-in page': [
      (response) => void response.writeHead(302, { Location: '/elsewhere' }).end(),
      ['token-url', 'problem', 'redirects'],
    ],
    'takes no one for signed in': [
      (response) => void response.writeHead(401).end(),
      ['token-url', 'warning', '401'],
    ],
    'answers without a token': [
      (response) => json(response, {}),
      ['token-url', 'problem', 'no string “token”'],
    ],
    'gives something else than a JWT': [
      (response) => json(response, { token: 'secret-of-another-kind' }),
      ['token-url', 'problem', 'isn’t a signed JWT'],
    ],
  };
  for (const [what, [answer, expected]] of Object.entries(answers))
    it(what, async () => {
      setup.host.tokenAnswer = answer;
      await expectLine(expected);
    });

  it('gives the same token twice', async () => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin });
    setup.host.tokenAnswer = (response) => json(response, { token });
    await expectLine(['claims', 'problem', 'the same “jti” twice']);
  });

  it('is an address of another origin', async () => {
    setup.host.body = DOCTOR.replace('/oriel-token', 'http://127.0.0.1:9/oriel-token');
    await expectLine(['token-url', 'problem', 'another origin']);
  });

  it('is no address at all', async () => {
    setup.host.body = DOCTOR.replace('/oriel-token', 'https://[');
    await expectLine(['token-url', 'problem', 'another origin']);
  });
});

describe('The embed doctor says of a token that it', () => {
  const claims: Readonly<Record<string, readonly [() => Readonly<Record<string, unknown>>, Expected]>> = {
    'is made by a clock five minutes ahead': [
      () => ({ iat: seconds() + 300, exp: seconds() + 360 }),
      ['clock', 'problem', 'seconds ahead'],
    ],
    'is made by a clock five minutes behind': [
      () => ({ iat: seconds() - 300, exp: seconds() - 240 }),
      ['clock', 'problem', 'by the server’s clock it was created'],
    ],
    'is made by a clock 95 seconds behind': [
      () => ({ iat: seconds() - 95, exp: seconds() - 35 }),
      ['clock', 'problem', 'by the server’s clock it was created 9'],
    ],
    'was old when it arrived, and is good for some seconds more': [
      () => ({ iat: seconds() - 45, exp: seconds() + 15 }),
      ['clock', 'warning', 'By the server’s clock, the token was 4'],
    ],
    'is made by a clock 20 seconds ahead': [
      () => ({ iat: seconds() + 20, exp: seconds() + 80 }),
      ['clock', 'warning', 'seconds apart. Up to 30 seconds are tolerated'],
    ],
    'is for someone else': [
      () => ({ aud: 'https://other.example' }),
      ['claims', 'problem', '“aud” is "https://other.example"'],
    ],
    'comes from another host': [() => ({ iss: 'wiki' }), ['claims', 'problem', '“iss” is "wiki"']],
    'lives too long': [() => ({ exp: seconds() + 3600 }), ['claims', 'problem', 'after “iat”']],
    'names no one': [() => ({ sub: 17 }), ['claims', 'problem', '“sub” is missing']],
    'serves a purpose': [() => ({ purpose: 'connect' }), ['claims', 'problem', '“purpose”']],
    'is for another gadget': [() => ({ gadget: 'other' }), ['claims', 'problem', '“gadget” is "other"']],
  };
  for (const [what, [given, expected]] of Object.entries(claims))
    it(what, async () => {
      setup.host.claims = given();
      await expectLine(expected);
    });
});

it('The embed doctor says of a browser that its clock is 95 seconds behind', async () => {
  const behind = async (page: Page): Promise<void> => {
    await page.addInitScript('const now = Date.now; Date.now = () => now() - 95_000;');
  };
  await expectLine(['clock', 'warning', 'This browser’s clock is 9'], behind);
  await expectLine(['clock', 'warning', ' seconds behind.'], behind);
  await expectLine(['clock', 'good', 'The clocks of host, server and browser agree.']);
});

it('A doctor’s answer to a page that is not registered says nothing but that', async () => {
  const ask = async (origin: string): Promise<string> => {
    const query = new URLSearchParams({ host: 'gocd', gadget: 'example', origin });
    const answer = await fetch(`${setup.oriel.gadgetOrigin}/doctor?${query}`);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    return answer.text();
  };
  expect(await ask(setup.host.origin)).toContain('"mode":"opener","algorithms":["HS256"]');
  const foreign = await ask('https://evil.example');
  expect(foreign).toContain('"gadget":null,"mode":null,"algorithms":null');
  expect(foreign).not.toContain(setup.host.origin);
  for (const nonsense of ['', 'null', 'javascript:alert(1)', 'https://a.example/path', 'https://A.example'])
    expect(await ask(nonsense)).toContain('parameter_invalid');
});
