import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import { createTestServer } from '../support/test-server.js';

let server: Awaited<ReturnType<typeof createTestServer>>;
beforeAll(async () => {
  server = await createTestServer();
});
afterAll(() => server.close());

interface Asked {
  readonly path: string;
  readonly origin?: 'gadgetOrigin' | 'siteOrigin';
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const ask = ({ path, origin = 'gadgetOrigin', method = 'GET', headers = {}, body = '' }: Asked) =>
  new Promise<{ status: number; id: unknown }>((resolve, reject) => {
    const { hostname, port, host } = new URL(server[origin]);
    const sent = request({ hostname, port, path, method, headers: { host, ...headers } }, (response) => {
      response.resume().on('end', () => {
        resolve({ status: response.statusCode ?? 0, id: response.headers['x-request-id'] });
      });
    }).on('error', reject);
    sent.end(body);
  });

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const VALUE = 'value-of-a-query';

it('every request leaves one JSON line: method, route pattern, status, milliseconds and request id, and no value of it', async () => {
  const token = await signHostToken({ aud: server.gadgetOrigin, sub: 'viewer-ann', name: 'Ann Viewer' });
  const asked: readonly (Asked & { readonly route: string; readonly status: number })[] = [
    { path: `/embed.js?v=${VALUE}`, route: '/embed.js', status: 200 },
    { path: `/h/nobody/g/none?x=${VALUE}`, route: '/h/:host/g/:gadget', status: 404 },
    {
      ...{ path: '/h/nobody/g/none', method: 'POST', headers: FORM, body: `token=${token}` },
      ...{ route: '/h/:host/g/:gadget', status: 404 },
    },
    {
      ...{ path: '/h/nobody/g/none', method: 'POST', headers: FORM, body: 'x'.repeat(200_000) },
      ...{ route: '/h/:host/g/:gadget', status: 404 },
    },
    {
      path: '/frame/content',
      headers: { authorization: `Bearer ${VALUE}` },
      route: '/frame/content',
      status: 401,
    },
    { path: `/there/is/no/${VALUE}`, route: '-', status: 404 },
    { path: '/embed.js', method: 'DELETE', route: '-', status: 405 },
    {
      path: `/connect/callback/${VALUE}?code=${VALUE}`,
      origin: 'siteOrigin',
      route: '/connect/callback/:provider',
      status: 404,
    },
    // The console's guard answers before any route is looked for.
    { path: '/admin', origin: 'siteOrigin', route: '-', status: 303 },
    { path: '/embed.js', headers: { host: 'other.example' }, route: '-', status: 421 },
    { path: '/healthz', route: '/healthz', status: 200 },
    { path: '/readyz', route: '/readyz', status: 200 },
  ];
  for (const each of asked) {
    const before = server.lines.length;
    const { status, id } = await ask(each);
    const lines = server
      .logged()
      .slice(before)
      .filter(({ requestId }) => requestId !== undefined);
    expect([each.path, lines.length]).toEqual([each.path, 1]);
    const { method = 'GET', route } = each;
    expect(lines[0]).toMatchObject({ method, route, status, requestId: id, client: '127.0.0.1' });
    expect([each.path, status]).toEqual([each.path, each.status]);
    expect(lines[0]?.ms).toEqual(expect.any(Number));
    const isProbe = /^\/(?:healthz|readyz)$/.test(route);
    expect(lines[0]?.level).toBe(isProbe ? 'debug' : 'info');
  }
  const text = server.lines.join('');
  for (const secret of [VALUE, token, 'viewer-ann', 'Ann Viewer']) expect(text).not.toContain(secret);
});

it('both health answers name the version', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await (await fetch(`${server.siteOrigin}/healthz`)).json()).toEqual({ status: 'ok', version });
  expect(await (await fetch(`${server.siteOrigin}/readyz`)).json()).toEqual({ status: 'ready', version });
});
