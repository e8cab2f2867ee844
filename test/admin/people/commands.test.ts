import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Ended,
  freePort,
  KEY,
  loopback,
  openFolder,
  type Started,
  start,
} from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { HttpBrowser } from '../../support/http-viewer.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'four words in a row';
const linkIn = (text: string): string => /http:\S+\/admin\/setup#[\w-]{43}/.exec(text)?.[0] ?? '';

describe('Administrators by command', () => {
  let folder: ReturnType<typeof openFolder>;
  let port: number;
  let siteOrigin: string;
  const servers: Started[] = [];

  beforeEach(async () => {
    folder = openFolder();
    port = await freePort();
    siteOrigin = `http://localhost:${port}`;
    folder.write('oriel.yaml', { ...loopback(port), logLevel: 'trace' });
  });
  afterEach(async () => {
    for (const { child } of servers) child.kill('SIGKILL');
    await Promise.all(servers.splice(0).map(({ ended }) => ended));
    folder.remove();
  });

  const oriel = (...args: readonly string[]): Promise<Ended> =>
    commandsIn({ cwd: folder.path, env: { ORIEL_KEY: KEY } })(...args);
  const serve = async (): Promise<Started> => {
    const server = start(['serve'], { cwd: folder.path, env: { ORIEL_KEY: KEY } });
    servers.push(server);
    await server.saying('"ready"');
    return server;
  };
  const stop = async (server: Started): Promise<Ended> => {
    server.child.kill('SIGTERM');
    return server.ended;
  };
  const accept = (link: string, name: string, browser = new HttpBrowser()) => {
    const token = new URL(link).hash.slice(1);
    const form = { token, name, password: PASSWORD, again: PASSWORD };
    return browser.send(`${siteOrigin}/admin/setup`, { origin: siteOrigin, form });
  };
  const open = (link: string) =>
    new HttpBrowser().send(`${siteOrigin}/admin/setup`, {
      origin: siteOrigin,
      form: { token: new URL(link).hash.slice(1) },
    });

  it('the first start prints a link beside the log, the next one another, until one is used', async () => {
    const first = await stop(await serve());
    const old = linkIn(first.err);
    expect(old).not.toBe('');
    expect(first.out).not.toContain('/admin/setup#');

    const running = await serve();
    const { link } = JSON.parse((await oriel('admin', 'invite', '--json')).out) as { link: string };
    expect((await open(old)).status).toBe(404);
    const form = await open(link);
    expect(form.status).toBe(200);
    expect(form.text).toContain('Create your administrator account');
    expect((await open(link)).status).toBe(200);
    expect((await accept(link, 'ann')).status).toBe(303);
    expect((await accept(link, 'eve')).status).toBe(404);
    expect((await stop(running)).out).not.toContain('/admin/setup#');

    const later = await stop(await serve());
    expect(later.err).not.toContain('/admin/setup');
  });

  it('lists, invites, resets and removes, but never the last one', async () => {
    await serve();
    const invite = async () => linkIn((await oriel('admin', 'invite')).out);
    await accept(await invite(), 'ann');
    await accept(await invite(), 'bob');
    const { items } = JSON.parse((await oriel('admin', 'list', '--json')).out);
    expect(items.map(({ name }: { name: string }) => name)).toEqual(['ann', 'bob']);
    expect((await oriel('admin', 'list')).out).toMatch(/ann +password +since/);

    const reset = await oriel('admin', 'reset', 'ANN');
    expect(reset.out.trim()).toBe(linkIn(reset.out));
    expect((await open(linkIn(reset.out))).text).toContain('Set a new password');
    expect((await accept(linkIn(reset.out), '')).status).toBe(303);
    expect((await oriel('admin', 'reset', 'nobody')).err).toContain(
      'There is no administrator with that name.',
    );

    expect((await oriel('admin', 'remove', 'bob')).out).toContain('bob is no longer an administrator');
    const last = await oriel('admin', 'remove', 'ann');
    expect(last.code).toBe(1);
    expect(last.err).toContain('You can’t remove the last administrator');
    const listed = await oriel('audit', 'list', '--json');
    expect(listed.out).toContain('admin.invited');
    expect(listed.out).toContain('admin.removed');
    expect(listed.out).not.toContain('/admin/setup#');
  });

  it('makes API keys, shows them once, lists and revokes them', async () => {
    await folder.makeDatabase();
    const made = await oriel(
      'api-key',
      'create',
      'nightly',
      '--scope',
      'audit:read',
      'overview:read',
      '--days',
      '7',
    );
    expect(made.out.trim()).toMatch(/^oriel_[\w-]{43}$/);
    const listed = await oriel('api-key', 'list', '--json');
    expect(listed.out).not.toContain(made.out.trim());
    const [key] = JSON.parse(listed.out).items;
    expect(key).toMatchObject({ name: 'nightly', scopes: ['audit:read', 'overview:read'], revokedAt: null });
    expect((await oriel('api-key', 'list')).out).toContain('nightly');
    expect((await oriel('api-key', 'revoke', key.id)).code).toBe(0);
    expect((await oriel('api-key', 'revoke', key.id)).code).toBe(1);
    expect((await oriel('api-key', 'list')).out).toContain('revoked');
    const wrong = await oriel('api-key', 'create', 'x', '--scope', 'everything');
    expect(wrong.err).toContain('one of: providers:read');
    expect((await oriel('api-key', 'create', 'x', '--scope', 'audit:read', '--days', '366')).code).toBe(1);
  });
});
