import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendRaw } from '../../support/raw-http.js';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';

let testConsole: TestConsole;
beforeAll(async () => {
  testConsole = await createTestConsole({
    providers: {
      file: { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
    },
  });
});
afterAll(() => testConsole?.close());

/** What only the file may change; the refusal says why. */
const change = async (key?: string) =>
  call(testConsole, 'PUT', '/providers/file', {
    ...(key !== undefined && { key }),
    headers: { 'if-match': '"1"' },
    body: {},
  });

describe('Why the API refuses', () => {
  it('is given to a key that may do what it asked for', async () => {
    const { json } = await change(await testConsole.key('providers:write'));
    expect(json).toMatchObject({ code: 'record_in_file', reason: expect.stringContaining('oriel reload') });
  });

  it('is given to no other key, and not to a caller without one', async () => {
    for (const key of [undefined, await testConsole.key('providers:read')]) {
      const { json } = await change(key);
      expect(json.code).toMatch(/^api_(key_missing|scope_missing)$/);
      expect(json).not.toHaveProperty('reason');
    }
  });

  it('does not reveal our origins to callers who use another host name', async () => {
    const path = '/api/admin/v1/providers';
    const headers = { host: 'elsewhere.example', connection: 'close' };
    const { status, text } = await sendRaw(Number(new URL(testConsole.siteOrigin).port), {
      method: 'GET',
      path,
      headers,
    });
    expect(status).toBe(421);
    expect(JSON.parse(text).code).toBe('origin_unknown');
    expect(text).not.toContain(testConsole.gadgetOrigin);
    expect(JSON.parse(text)).not.toHaveProperty('reason');
  });
});

describe('A request line that holds a whole address', () => {
  const ask = (path: string, host = new URL(testConsole.siteOrigin).host) =>
    sendRaw(Number(new URL(testConsole.siteOrigin).port), {
      method: 'GET',
      path,
      headers: { host, connection: 'close' },
    });

  it('is answered when it names the same host as the Host header', async () => {
    const paths = ['/admin/sign-in', '/admin/sign-in?name=ann'];
    for (const path of paths) {
      const [plain, whole] = [await ask(path), await ask(testConsole.siteOrigin + path)];
      expect(plain.status).toBe(200);
      expect(whole.status).toBe(200);
      expect(whole.text.includes('value="ann"')).toBe(path.includes('ann'));
    }
    expect((await ask(`${testConsole.siteOrigin.toUpperCase()}/admin/sign-in`)).status).toBe(200);
  });

  it.each([
    ['another server', () => 'http://evil.example/admin/sign-in', 421],
    ['the other origin', () => `${testConsole.gadgetOrigin}/admin/sign-in`, 421],
    ['another port', () => 'http://127.0.0.1:1/admin/sign-in', 421],
    ['a name before it', () => testConsole.siteOrigin.replace('//', '//evil@'), 421],
    ['a name behind it', () => `${testConsole.siteOrigin}@evil.example/admin/sign-in`, 421],
    ['another scheme', () => 'ftp://127.0.0.1/admin/sign-in', 400],
    ['no path at all', () => '*', 400],
    ['nothing of the kind', () => 'admin/sign-in', 400],
  ])('is refused where it names %s', async (_what, target, status) => {
    const answer = await ask(target());
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('evil.example');
  });

  it('is refused for health checks alike', async () => {
    expect((await ask('http://evil.example/healthz')).status).toBe(421);
    expect((await ask('/healthz', 'anything.example')).status).toBe(200);
  });
});
