import { request } from 'undici';
import { expect, it } from 'vitest';
import { HttpServer } from '../../src/web/listening.js';

it('A server takes an address that holds a code of 16 kB, each character of it escaped', async () => {
  const server = new HttpServer((asked, response) => response.end(String(asked.url?.length)));
  const port = await server.listen('127.0.0.1', 0);
  const path = `/?code=${'%2F'.repeat(16 * 1024)}`;
  const answer = await request(`http://127.0.0.1:${port}${path}`);
  expect([answer.statusCode, await answer.body.text()]).toEqual([200, String(path.length)]);
  await server.drain();
});
