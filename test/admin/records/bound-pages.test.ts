import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, createTestConsole, type TestConsole } from '../../support/test-console.js';

let testConsole: TestConsole;
beforeAll(async () => {
  testConsole = await createTestConsole({ outgoing: { allow: ['10.20.0.0/16'] } });
}, 60_000);
afterAll(() => testConsole?.close());

it.each(['/admin/providers/new/form', '/admin/hosts/new'])(
  '%s says which private addresses there are to choose from',
  async (path) => {
    const { status, text } = await testConsole.page(path);
    expect(status).toBe(200);
    expect(text).toContain('10.20.0.0/16');
  },
);

it('The API takes none beyond them, and names the field and the setting', async () => {
  const key = await testConsole.key('providers:write', 'providers:read');
  const body = {
    ...{ preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
    allowAddresses: ['127.0.0.0/8'],
  };
  for (const [method, path] of [
    ['POST', '/providers/wiki'],
    ['POST', '/providers/wiki/check'],
    ['POST', '/providers/wiki/test-entry'],
  ] as const) {
    const answer = await call(testConsole, method, path, { key, body });
    expect(answer.text, path).toContain('allowAddresses[0]');
    expect(answer.text, path).toContain('outgoing.allow');
  }
});
