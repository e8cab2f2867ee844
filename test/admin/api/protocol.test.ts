import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { API_SCOPES } from '../../../src/domain/administrator.js';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';

let testConsole: TestConsole;
let key: string;
beforeAll(async () => {
  testConsole = await createTestConsole();
  key = await testConsole.key(...API_SCOPES);
});
afterAll(() => testConsole?.close());

const BASE = '/api/admin/v1';

describe('The API answers in the words of HTTP', () => {
  it('405 with what is allowed, where an address is known and its method is not (RFC 9110 §15.5.6)', async () => {
    const { paths } = (await call(testConsole, 'GET', '/openapi.json')).json;
    const known = Object.entries<object>(paths).map(
      ([path, methods]) => [path, Object.keys(methods)] as const,
    );
    expect(known.length).toBeGreaterThan(20);
    for (const [path, methods] of known) {
      const at = path.replace(BASE, '').replaceAll(/\{\w+\}/g, 'x');
      const { status, headers, json } = await call(testConsole, 'PATCH', at, { key });
      expect([path, status, json.code]).toEqual([path, 405, 'method_not_allowed']);
      const allow = (headers.get('allow') ?? '').split(/, */);
      expect(allow, path).toEqual(expect.arrayContaining(methods.map((method) => method.toUpperCase())));
      expect(allow, path).not.toContain('PATCH');
    }
  });

  it('400 to an unknown cursor, in every list', async () => {
    const { json } = await call(testConsole, 'GET', '/openapi.json');
    const paged = Object.entries<Record<string, { parameters?: { name: string }[] }>>(json.paths).filter(
      ([, { get }]) => get?.parameters?.some(({ name }) => name === 'cursor'),
    );
    expect(paged.length).toBeGreaterThan(1);
    for (const [path] of paged)
      for (const cursor of ['x', '1', '..', 'eyJhIjoxfQ']) {
        const { status, json } = await call(
          testConsole,
          'GET',
          `${path.replace(BASE, '')}?cursor=${cursor}`,
          {
            key,
          },
        );
        expect([path, cursor, status, json.code]).toEqual([path, cursor, 400, 'parameter_invalid']);
      }
  });

  it('every time in ISO 8601, in UTC', async () => {
    const { text, json } = await call(testConsole, 'GET', '/api-keys', { key });
    expect(json.items[0].createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(text).not.toMatch(/At":\d/);
  });

  it('429 to an address that keeps sending invalid keys, and to no valid key', async () => {
    const unknown = `oriel_${'x'.repeat(43)}`;
    const answers = [];
    for (let n = 0; n < 61; n += 1)
      answers.push(await call(testConsole, 'GET', '/providers', { key: unknown }));
    expect(answers.slice(0, 60).every(({ status }) => status === 401)).toBe(true);
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, json: { code: 'too_many_requests' } });
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call(testConsole, 'GET', '/providers', { key })).status).toBe(200);
  });

  it('429 per address that sends invalid keys: not to its neighbors, nor for other refusals', async () => {
    const proxied = await createTestConsole({ trustedProxies: ['127.0.0.1', '::1'] });
    onTestFinished(() => proxied.close());
    const narrow = await proxied.key('audit:read');
    const ask = async (address: string, given?: string) =>
      (
        await call(proxied, 'GET', '/providers', {
          ...(given !== undefined && { key: given }),
          headers: { 'x-forwarded-for': address },
        })
      ).status;
    const unknown = `oriel_${'x'.repeat(43)}`;
    for (let n = 0; n < 61; n += 1) {
      expect(await ask('203.0.113.1')).toBe(401);
      expect(await ask('203.0.113.1', narrow)).toBe(403);
    }
    const answers = [];
    for (let n = 0; n < 61; n += 1) answers.push(await ask('203.0.113.1', unknown));
    expect(answers).toEqual([...Array<number>(60).fill(401), 429]);
    expect(await ask('203.0.113.2', unknown)).toBe(401);
    expect(await ask('203.0.113.1', narrow)).toBe(403);
  });

  it('429 to one key that asks too often, while another is answered', async () => {
    const wild = await testConsole.key('providers:read');
    const answers = [];
    for (let n = 0; n < 601; n += 1)
      answers.push(await call(testConsole, 'GET', '/providers', { key: wild }));
    expect(answers.slice(0, 600).every(({ status }) => status === 200)).toBe(true);
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, json: { code: 'too_many_requests' } });
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call(testConsole, 'GET', '/providers', { key })).status).toBe(200);
  });
});

describe('Probes', () => {
  it('are in the log at level debug only', async () => {
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(`${testConsole.siteOrigin}${path}`)).status).toBe(200);
    const lines = testConsole
      .logged()
      .split('\n')
      .filter((line) => /\/(healthz|readyz)/.test(line))
      .map((line) => JSON.parse(line) as { level: number | string });
    expect(lines.length).toBe(2);
    // As pino numbers its levels: 20 is debug.
    for (const { level } of lines) expect([20, 'debug']).toContain(level);
  });
});
