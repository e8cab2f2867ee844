import { request } from 'undici';
import { expect, it } from 'vitest';
import { HTTP_LIMITS, HttpServer, isOfTheConnection } from '../../src/web/listening.js';
import { HostileClient } from '../chaos/hostile-client.js';

it('A server takes an address that holds a code of 16 kB, each character of it escaped', async () => {
  const server = new HttpServer((asked, response) => response.end(String(asked.url?.length)));
  const port = await server.listen('127.0.0.1', 0);
  const path = `/?code=${'%2F'.repeat(16 * 1024)}`;
  const answer = await request(`http://127.0.0.1:${port}${path}`);
  expect([answer.statusCode, await answer.body.text()]).toEqual([200, String(path.length)]);
  await server.drain();
});

it('A body that comes too slowly is not taken for a mistake of ours', async () => {
  const errors: unknown[] = [];
  const limits = { ...HTTP_LIMITS, headTime: 300, requestTime: 300, looking: 50 };
  const server = new HttpServer((asked) => asked.on('error', (error) => errors.push(error)).resume(), limits);
  const slow = new HostileClient(await server.listen('127.0.0.1', 0));
  slow.drip('POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n', 'a');
  await slow.closed;
  expect(slow.received).toMatch(/^HTTP\/1\.1 408 /);
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.every(isOfTheConnection)).toBe(true);
  await server.drain();
});
