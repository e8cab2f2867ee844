import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js';
import { Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleHost, type GadgetServer, startGadgetServer } from '../../support/gadget-server.js';
import { frameDataOf, launcher } from './launching.js';

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeAll(async () => {
  server = await startGadgetServer();
  page = launcher(server);
});
afterAll(() => server.close());

describe('a launch', () => {
  it('answers with the rendered content and the bearer token in one round trip', async () => {
    const answer = await page.launch({ token: await page.token({ sub: 'ann' }) });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<p class="who">ann</p>');
    const data = frameDataOf(answer);
    expect(data).toMatchObject({
      state: 'content',
      skeleton: false,
      relaunchPath: '/h/gocd/g/example/relaunch',
    });
    expect(data.bearer).toMatch(/^[\w-]{43}$/);
    expect(data.requestId).toBe(answer.headers['x-request-id']);
    expect(answer.text).toContain(`<code id="oriel-request-id">${data.requestId}</code>`);
  });

  it('ignores a field that is not a parameter of the gadget, and logs it', async () => {
    const fields = { 'p.v-cloak': '', 'p.projct': 'apollo', 'p.__proto__': 'x', 'p.constructor': 'y' };
    const answer = await page.launch({ token: await page.token(), ...fields });
    expect(answer.status).toBe(200);
    const line = server.lines.find(({ requestId }) => requestId === answer.headers['x-request-id']);
    expect(line?.ignored).toBe('v-cloak projct __proto__ constructor');
  });

  it('lets only the exact origins of its host frame the answer', async () => {
    const { headers } = await page.launch({ token: await page.token() });
    expect(headers['content-security-policy']).toContain('frame-ancestors http://localhost:8153');
    expect(headers['content-security-policy']).toContain("require-trusted-types-for 'script'");
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('has a Content-Security-Policy in which an evaluator finds nothing serious', async () => {
    const { headers } = await page.launch({ token: await page.token() });
    const header = String(headers['content-security-policy']).replace(
      'http://localhost:8153',
      'https://gocd.test',
    );
    const policy = new CspParser(header).csp;
    const findings = new CspEvaluator(policy)
      .evaluate()
      .filter(({ severity }) => severity <= Severity.MEDIUM);
    expect(findings.map(({ directive, description }) => `${directive}: ${description}`)).toEqual([]);
  });

  it('trusts the token, whatever Origin and Sec-Fetch-Site say', async () => {
    const token = await page.token();
    const answer = await page.launch({ token }, { origin: 'null', 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(200);
  });

  it('notes which of its host’s pages it was asked by, from Origin or else Referer, and no other page', async () => {
    const several = await startGadgetServer({
      hosts: [exampleHost(['http://localhost:8153', 'http://127.0.0.1:8153'])],
    });
    const asking = launcher(several);
    const noted = async (headers: Readonly<Record<string, string>>) => {
      const answer = await asking.launch({ token: await asking.token() }, headers);
      const json = { provider: 'mingle', intent: 'connect' };
      const { text } = await asking.api(frameDataOf(answer).bearer, '/frame/flows', { json });
      const flow = await several.ports.stores.flows.byId(String(JSON.parse(text).flow));
      return flow?.profile.origin;
    };
    try {
      expect(await noted({ origin: 'http://127.0.0.1:8153' })).toBe('http://127.0.0.1:8153');
      const referer = 'http://127.0.0.1:8153/pipelines?id=1';
      expect(await noted({ origin: 'null', referer })).toBe('http://127.0.0.1:8153');
      expect(await noted({ origin: 'https://evil.example' })).toBeUndefined();
      expect(await noted({ origin: 'null', referer: 'no address' })).toBeUndefined();
    } finally {
      await several.close();
    }
  });

  it('reads parameters from fields, and locks from the token', async () => {
    await page.opened({ params: { project: 'apollo' } }, { 'p.cards': '7, 12', 'p.project': 'apollo' });
    expect(server.asked.at(-1)?.parameters).toEqual({ project: 'apollo', cards: [7, 12] });
  });

  it('takes locale and time zone from the page, then the token, then the browser, and tolerates nonsense', async () => {
    const asked = () => server.asked.at(-1);
    await page.opened({ locale: 'fr' }, { locale: 'de-CH-u-ca-buddhist', 'time-zone': 'europe/zurich' });
    expect(asked()).toMatchObject({ locale: 'de-CH', timeZone: 'Europe/Zurich' });
    await page.opened({ locale: 'fr' });
    expect(asked()).toMatchObject({ locale: 'fr', timeZone: 'UTC' });
    await page.launch({ token: await page.token() }, { 'accept-language': 'xx,ja-JP;q=0.9' });
    expect(asked()).toMatchObject({ locale: 'ja-JP' });
    await page.opened({}, { locale: 'sw' });
    expect(asked()).toMatchObject({ locale: 'en' });
    await page.opened({}, { locale: '<script>', 'time-zone': '../etc/passwd', theme: 'x'.repeat(500) });
    expect(asked()).toMatchObject({ locale: 'en', timeZone: 'UTC' });
  });

  it('uses the closest available language, from right to left where that is how it is written', async () => {
    const opening = async (locale: string): Promise<string> => {
      const { text } = await page.launch({ token: await page.token(), locale });
      return text;
    };
    const arabic = await opening('ar-EG');
    expect(arabic).toContain('<html lang="ar" dir="rtl"');
    expect(arabic).toContain('أعد تحميل الصفحة');
    expect(await opening('de-AT')).toContain('<html lang="de" dir="ltr"');
    expect(await opening('de-AT')).toContain('Sie sind abgemeldet');
    expect(await opening('zh-TW')).toContain('<html lang="zh-Hans" dir="ltr"');
    expect(await opening('pt')).toContain('<html lang="pt-BR" dir="ltr"');
    expect(await opening('sw')).toContain('<html lang="en" dir="ltr"');
  });

  it('ends the data block nowhere but at its end', async () => {
    server.render(({ viewer }) => ({
      state: 'content',
      body: Buffer.from(`<section data-oriel-state="content">${viewer.sub}</section>`),
      etag: '"</script><b>"',
      fetchedAt: null,
      stale: false,
    }));
    const answer = await page.launch({ token: await page.token() });
    expect(frameDataOf(answer).etag).toBe('"</script><b>"');
    expect(answer.text).not.toContain('</script><b>');
  });
});
