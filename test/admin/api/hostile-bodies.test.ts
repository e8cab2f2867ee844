import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';

const HOST = { origins: ['https://a.example.com'], key: { algorithm: 'HS256', secret: 's'.repeat(40) } };

let testConsole: TestConsole;
let key: string;
beforeAll(async () => {
  testConsole = await createTestConsole();
  key = await testConsole.key('hosts:read', 'hosts:write');
});
afterAll(() => testConsole?.close());

/** A body as it is written, which no serializer would write. */
const check = async (text: string) => {
  const answer = await fetch(`${testConsole.siteOrigin}/api/admin/v1/hosts/a/check`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: text,
  });
  return { status: answer.status, code: ((await answer.json()) as { code?: string }).code };
};
const REFUSED = { status: 400, code: 'body_invalid' };

const nested = (depth: number): string => `{"a":${'['.repeat(depth)}1${']'.repeat(depth)}}`;

describe('A body that was made to do harm', () => {
  it('is refused when it is nested too deeply to process', async () => {
    for (const depth of [40, 5_000, 100_000]) expect(await check(nested(depth))).toEqual(REFUSED);
    expect((await check(nested(20))).status).toBe(200);
  });

  it('is refused with a key __proto__, wherever it stands, and is not read without it', async () => {
    for (const text of ['{"__proto__":{}}', '{"key":{"a":[{"__proto__":1}]}}'])
      expect(await check(text)).toEqual(REFUSED);
  });

  it('is validated for the record id “__proto__” too', async () => {
    const refused = { status: 422, json: { code: 'record_invalid', faults: [{ path: 'hosts' }] } };
    expect(await call(testConsole, 'POST', '/hosts/__proto__', { key, body: HOST })).toMatchObject(refused);
    expect(await call(testConsole, 'POST', '/hosts/__proto__', { key, body: { junk: 1 } })).toMatchObject(
      refused,
    );
    expect((await call(testConsole, 'GET', '/hosts', { key })).json.items).toEqual([]);
    // Others that objects have are ids like any other.
    expect((await call(testConsole, 'POST', '/hosts/constructor', { key, body: HOST })).status).toBe(201);
  });
});
