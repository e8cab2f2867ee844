import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestServer } from '../support/test-server.js';

let server: Awaited<ReturnType<typeof createTestServer>>;
beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());

/** Asks with exactly this request line, of the gadget origin by its `Host`. */
const statusOf = (target: string, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(server.gadgetOrigin);
    request({ hostname, port, path: target, method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

it('a request line may name the whole address, where that says the same as Host', async () => {
  const { gadgetOrigin } = server;
  const { host } = new URL(gadgetOrigin);
  expect(await statusOf('/embed.js')).toBe(200);
  expect(await statusOf(`${gadgetOrigin}/embed.js`)).toBe(200);
  expect(await statusOf(`HTTP://${host.toUpperCase()}/embed.js?v=1`)).toBe(200);
});

it.each([
  ['another server', () => 'http://evil.example/embed.js'],
  ['the other origin of this one', () => `${server.siteOrigin}/embed.js`],
  ['another port', () => `${server.gadgetOrigin}1/embed.js`],
  ['a user', () => server.gadgetOrigin.replace('//', '//user@').concat('/embed.js')],
])('a request line that names %s is refused', async (_, target) => {
  expect(await statusOf(target())).toBe(421);
});

it.each(['*', 'ftp://evil.example/embed.js', 'embed.js'])(
  'a request line with %j is no request for a page',
  async (target) => {
    expect(await statusOf(target, 'OPTIONS')).toBe(400);
  },
);
