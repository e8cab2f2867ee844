import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../cli/command-line.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { certificate } from '../support/self-signed.js';
import { createTestServer } from '../support/test-server.js';

/*
 * The configurations that docs/operations.md names, in front of a real server: as they stand, but for ports, certificates and folders. A proxy
 * that is not installed is skipped, with the reason.
 */

const GADGETS = 'gadgets.example.com';
const SITE = 'oriel.example.net';
/** Not the proxy's own address, so that the two can be told apart. */
const CLIENT = '127.0.0.2';

const isInstalled = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).error === undefined;

interface Proxy {
  readonly name: string;
  /** Writes its configuration into a folder, and says how it is started. */
  set(
    folder: string,
    ports: { readonly proxy: number; readonly oriel: number },
  ): readonly [string, ...string[]];
}

const cut = (file: string, replacements: Readonly<Record<string, string>>): string =>
  Object.entries(replacements).reduce(
    (config, [from, to]) => {
      expect(config).toContain(from);
      return config.replaceAll(from, to);
    },
    readFileSync(file, 'utf8'),
  );

const nginx: Proxy = {
  name: 'nginx',
  set(folder, { proxy, oriel }) {
    for (const name of ['temp', 'cache']) mkdirSync(join(folder, name));
    const conf = cut('deploy/proxy/nginx.conf', {
      '/var/cache/nginx/oriel': join(folder, 'cache'),
      '127.0.0.1:3000;          # or: server unix:/run/oriel/oriel.sock;': `127.0.0.1:${oriel};`,
      'listen 443 ssl': `listen 127.0.0.1:${proxy} ssl`,
      'listen 80': `listen unix:${join(folder, 'http.sock')}`,
      '/etc/ssl/oriel.pem': join(folder, 'cert.pem'),
      '/etc/ssl/oriel.key': join(folder, 'key.pem'),
      'proxy_cache oriel;': 'proxy_cache oriel; add_header X-Cache-Status $upstream_cache_status always;',
    });
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${join(folder, 'temp')};`,
    );
    writeFileSync(
      join(folder, 'nginx.conf'),
      `${process.getuid?.() === 0 ? 'user root; ' : ''}daemon off; pid ${join(folder, 'pid')}; error_log stderr; events {} http { access_log off; ${temp.join(' ')} ${conf} }`,
    );
    return ['nginx', '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  },
};

const caddy: Proxy = {
  name: 'caddy',
  set(folder, { proxy, oriel }) {
    const site = cut('deploy/proxy/Caddyfile', {
      [`${GADGETS}, ${SITE} {`]: `https://${GADGETS}:${proxy}, https://${SITE}:${proxy} {\n\ttls ${join(folder, 'cert.pem')} ${join(folder, 'key.pem')}\n\tbind 127.0.0.1`,
      '127.0.0.1:3000': `127.0.0.1:${oriel}`,
    });
    writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https off\n}\n${site}`);
    return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')];
  },
};

const accepts = async (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

describe.each([nginx, caddy])('Behind $name', (proxy) => {
  const has = isInstalled(proxy.name, proxy.name === 'nginx' ? '-v' : 'version');
  const folder = mkdtempSync(join(tmpdir(), `oriel-${proxy.name}-`));
  let server: Awaited<ReturnType<typeof createTestServer>>;
  let child: ChildProcess | null = null;
  let port = 0;
  let said = '';

  beforeAll(async () => {
    if (!has) return;
    server = await createTestServer(
      {
        trustedProxies: ['127.0.0.1'],
        hosts: {
          gocd: {
            origins: ['https://gocd.example.com'],
            key: { algorithm: 'HS256', secret: HOST_SECRET },
            gadgets: ['mingle-cards'],
            providers: ['mingle'],
          },
        },
        providers: {
          mingle: { preset: 'mingle', url: 'https://mingle.example.com', client: { id: 'a', secret: 'b' } },
        },
      },
      { gadgetOrigin: `https://${GADGETS}`, siteOrigin: `https://${SITE}` },
    );
    const { cert, key } = certificate({ names: [GADGETS, SITE] });
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    port = await freePort();
    const [command, ...args] = proxy.set(folder, { proxy: port, oriel: server.port });
    child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder },
    });
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    while (!(await accepts(port))) {
      if (child.exitCode !== null) throw new Error(said);
      await pause(20);
    }
  });
  afterAll(async () => {
    const running = child;
    if (running !== null && running.exitCode === null) {
      const over = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGTERM');
      await over;
    }
    if (has) await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const needsIt = (skip: (note: string) => void): void => {
    if (!has) skip(`there is no ${proxy.name} here: the Debian package brings it`);
  };

  const ask = (
    host: string,
    path: string,
    {
      body,
      headers = {},
    }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) =>
    new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>(
      (resolve, reject) => {
        const form = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
        request(
          {
            ...{
              host: '127.0.0.1',
              port,
              path,
              servername: host,
              localAddress: CLIENT,
              rejectUnauthorized: false,
            },
            ...{
              method: body === undefined ? 'GET' : 'POST',
              headers: { host, ...form, ...headers },
              agent: false,
            },
          },
          async (response) => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: await text(response),
            });
          },
        )
          .on('error', reject)
          .end(body);
      },
    );

  it('each name leads to its own origin, with the headers that Oriel set', async ({ skip }) => {
    needsIt(skip);
    expect((await ask(GADGETS, '/embed.js')).status).toBe(200);
    expect((await ask(SITE, '/embed.js')).status).toBe(404);
    const site = await ask(SITE, '/connections');
    expect(site.status).toBe(200);
    expect(site.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'strict-transport-security': expect.any(String),
    });
    expect((await ask(SITE, '/readyz')).status).toBe(200);
  });

  it('a gadget is launched, and its frame asks with its bearer', async ({ skip }) => {
    needsIt(skip);
    const token = await signHostToken({ aud: `https://${GADGETS}`, sub: 'ann', name: 'Ann' });
    const body = new URLSearchParams({ token, 'p.project': 'apollo' }).toString();
    const launched = await ask(GADGETS, '/h/gocd/g/mingle-cards', { body });
    expect([launched.status, launched.text]).toEqual([
      200,
      expect.stringContaining('data-oriel-state="connect"'),
    ]);
    const [, data = '{}'] = /id="oriel-frame">(.*?)<\/script>/s.exec(launched.text) ?? [];
    const { bearer } = JSON.parse(data) as { bearer: string };
    const content = await ask(GADGETS, '/frame/content', { headers: { authorization: `Bearer ${bearer}` } });
    expect([content.status, content.text]).toEqual([
      200,
      expect.stringContaining('data-oriel-state="connect"'),
    ]);
  });

  it('the client’s address is the one that the proxy saw, whatever the client says', async ({ skip }) => {
    needsIt(skip);
    const before = server.lines.length;
    await ask(SITE, '/nowhere', { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(
      server
        .logged()
        .slice(before)
        .find(({ route }) => route === '-')?.client,
    ).toBe(CLIENT);
  });

  it('a provider’s answer with a code of 16 kB comes through', async ({ skip }) => {
    needsIt(skip);
    const answer = await ask(SITE, `/connect/callback/mingle?code=${'%2F'.repeat(16 * 1024)}&state=x`);
    expect([answer.status, answer.headers['x-request-id']]).toEqual([expect.any(Number), expect.any(String)]);
  });

  it('nothing is stored but scripts, by nginx’s own rules', async ({ skip }) => {
    needsIt(skip);
    if (proxy.name !== 'nginx') skip('it caches nothing by itself');
    const stored = (status: { readonly headers: Readonly<Record<string, unknown>> }) =>
      status.headers['x-cache-status'];
    const token = await signHostToken({ aud: `https://${GADGETS}`, sub: 'bob', name: 'Bob' });
    const body = new URLSearchParams({ token, 'p.project': 'apollo' }).toString();
    const launched = await ask(GADGETS, '/h/gocd/g/mingle-cards', { body });
    const [, data = '{}'] = /id="oriel-frame">(.*?)<\/script>/s.exec(launched.text) ?? [];
    const { bearer } = JSON.parse(data) as { bearer: string };
    const headers = { authorization: `Bearer ${bearer}` };
    const [style = ''] = /\/assets\/[^"]+\.css/.exec(launched.text) ?? [];
    const pages = [
      [GADGETS, '/frame/content'],
      [GADGETS, '/frame/standing'],
      [GADGETS, '/h/gocd/g/mingle-cards'],
      [GADGETS, '/nothing'],
      [SITE, '/connections'],
      [SITE, '/admin'],
      [SITE, '/admin/sign-in'],
      [SITE, '/api/admin/v1/openapi.json'],
      [SITE, '/readyz'],
    ] as const;
    for (const [host, path] of pages)
      for (const _ of [1, 2, 3])
        expect([path, stored(await ask(host, path, { headers }))]).not.toEqual([path, 'HIT']);
    for (const path of ['/embed.js', style]) {
      await ask(GADGETS, path);
      expect([path, stored(await ask(GADGETS, path))]).toEqual([path, 'HIT']);
    }
    const keys = readdirSync(join(folder, 'cache'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(
        (entry) => /KEY: (.*)/.exec(readFileSync(join(entry.parentPath, entry.name), 'latin1'))?.[1] ?? '',
      );
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys)
      expect(key).toMatch(/^https:\/\/gadgets\.example\.com\/(?:embed\.js|assets\/[^?]+)$/);
  });
});

it('Traefik’s configuration leads both names to one service', () => {
  const fixed = parse(readFileSync('deploy/proxy/traefik.yaml', 'utf8')) as {
    entryPoints: Record<string, unknown>;
    certificatesResolvers: Record<string, unknown>;
  };
  const { http } = parse(readFileSync('deploy/proxy/traefik-oriel.yaml', 'utf8')) as {
    http: {
      routers: Record<
        string,
        { rule: string; entryPoints: string[]; service: string; tls: { certResolver: string } }
      >;
      services: Record<string, { loadBalancer: { servers: { url: string }[]; passHostHeader?: boolean } }>;
    };
  };
  const { oriel } = http.routers;
  expect(oriel?.rule).toBe(`Host(\`${GADGETS}\`) || Host(\`${SITE}\`)`);
  for (const name of oriel?.entryPoints ?? []) expect(fixed.entryPoints).toHaveProperty(name);
  expect(fixed.certificatesResolvers).toHaveProperty(oriel?.tls.certResolver ?? '');
  expect(http.services[oriel?.service ?? '']?.loadBalancer.passHostHeader ?? true).toBe(true);
});
