import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../support/forwarder.js';
import { type Answer, frameData, httpFrame } from '../support/http-viewer.js';
import { mingleConsent } from '../support/mingle-consent.js';
import { sendRaw } from '../support/raw-http.js';
import { cardsForm, startWhole, type Whole } from '../support/whole.js';

const HOST_ORIGIN = 'https://gocd.example.com';
const POLICY_OF_ALL = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
];

let whole: Whole;
beforeAll(async () => {
  whole = await startWhole({ hostOrigins: [HOST_ORIGIN] });
});
afterAll(() => whole.close());

const policyOf = (headers: Answer['headers']): string => String(headers['content-security-policy']);
const highFindings = (policy: string): readonly string[] =>
  new CspEvaluator(new CspParser(policy).csp)
    .evaluate()
    .filter(({ severity }) => severity <= Severity.HIGH_MAYBE)
    .map(({ description }) => description);

/** What no page of ours may lack or have. */
const expectPage = (answer: Pick<Answer, 'headers'>, ancestors: string): void => {
  const { headers } = answer;
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  for (const part of [...POLICY_OF_ALL, `frame-ancestors ${ancestors}`])
    expect(policyOf(headers).split('; ')).toContain(part);
  expect(policyOf(headers)).not.toMatch(/unsafe|\*|http:/);
  expect(highFindings(policyOf(headers))).toEqual([]);
  expect(headers).toMatchObject({
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(headers['x-request-id']).toBeDefined();
  expect(headers['cross-origin-opener-policy']).toBeUndefined();
  expect(headers['strict-transport-security']).toBeUndefined();
};

const launched = async () => {
  const frame = httpFrame(whole);
  const answer = await frame.launch('gocd', 'mingle-cards', cardsForm(await whole.token('ann')));
  return { frame, answer, bearer: frameData(answer.text).bearer };
};

describe('a page in a frame', () => {
  const framed = {
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
  };

  it.each([
    ['a launch', '/h/gocd/g/mingle-cards', true, 200, HOST_ORIGIN],
    ['a refused launch', '/h/gocd/g/mingle-cards', false, 400, HOST_ORIGIN],
    ['a launch of an unknown gadget', '/h/gocd/g/nothing', true, 404, HOST_ORIGIN],
    ['a launch by an unknown host', '/h/nobody/g/mingle-cards', true, 404, "'none'"],
  ])('%s can be framed by its own host alone', async (_, path, good, status, ancestors) => {
    const form = cardsForm(await whole.token('ann'), good ? {} : { 'p.limit': 'many' });
    const answer = await httpFrame(whole).browser.send(whole.gadgetOrigin + path, { form });
    expect(answer.status).toBe(status);
    expectPage(answer, ancestors);
    expect(policyOf(answer.headers)).toContain("form-action 'none'");
    expect(answer.headers).toMatchObject(framed);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each(['', '/relaunch'])('and so does its own address%s', async (end) => {
    const { browser } = httpFrame(whole);
    const answer = await browser.send(`${whole.gadgetOrigin}/h/gocd/g/mingle-cards${end}`);
    expectPage(answer, HOST_ORIGIN);
    expect(answer.headers).toMatchObject(framed);
  });

  it('answers its script with what no other page can read or keep', async () => {
    const { frame, bearer } = await launched();
    const { headers } = await frame.content(bearer);
    expect(headers).toMatchObject({
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('a page of the site', () => {
  it.each([
    '/',
    '/connect',
    '/connections',
    '/nothing',
    '/connect/finish?flow=x',
    '/connect/callback/mingle',
  ])('%s cannot be framed and keeps its opener', async (path) => {
    const answer = await httpFrame(whole).browser.send(whole.siteOrigin + path);
    expectPage(answer, "'none'");
    expect(answer.headers).toMatchObject({
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('an asset', () => {
  it('may be kept for ever, embed.js for five minutes, and both be used by any page', async () => {
    const { answer, frame } = await launched();
    const [asset = ''] = /\/assets\/frame-[\w-]+\.css/.exec(answer.text) ?? [];
    const kept = await frame.browser.send(whole.gadgetOrigin + asset);
    const embed = await frame.browser.send(`${whole.gadgetOrigin}/embed.js`);
    expect(kept.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(embed.headers['cache-control']).toBe('public, max-age=300');
    for (const { status, headers } of [kept, embed]) {
      expect(status).toBe(200);
      expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });
});

describe('all HTML of a consent from end to end', () => {
  const INLINE = /<style|\sstyle=|<script(?![^>]*(\ssrc=|type="application\/json"))|\son[a-z]+=|javascript:/i;

  it('holds no script and no style of its own', async () => {
    const { frame, bearer } = await launched();
    expect(await frame.connect(bearer, 'mingle', mingleConsent('ann'))).toBe('active');
    await frame.content(bearer);
    await frame.call(bearer, '/frame/disconnect', { provider: 'mingle' });
    const isHtml = ({ headers, body }: Exchange): boolean =>
      /html|json/.test(String(headers['content-type'])) && body.includes('<');
    const pages = whole.oriel.exchanges.filter(isHtml);
    expect(pages.length).toBeGreaterThan(10);
    expect(pages.filter(({ body }) => INLINE.test(body)).map(({ url }) => url)).toEqual([]);
    for (const planted of ['<script>1</script>', '<p style="x">', '<a onclick="x">', '<style>'])
      expect(planted).toMatch(INLINE);
  });
});

describe('behind TLS', () => {
  it('every answer of both origins asks for TLS from now on', async () => {
    const names = { gadget: 'gadgets.example.com', site: 'oriel.example.com' };
    const secure = await startWhole({
      config: { gadgetOrigin: `https://${names.gadget}`, siteOrigin: `https://${names.site}` },
    });
    try {
      for (const [host, path] of [
        [names.gadget, '/embed.js'],
        [names.gadget, '/h/gocd/g/mingle-cards'],
        [names.gadget, '/frame/content'],
        [names.site, '/connect'],
        [names.site, '/nothing'],
        ['evil.example', '/'],
      ] as const) {
        const { headers } = await sendRaw(secure.ports[0] ?? 0, { method: 'GET', path, headers: { host } });
        expect(headers['strict-transport-security']).toBe('max-age=31536000');
      }
    } finally {
      await secure.close();
    }
  });
});
