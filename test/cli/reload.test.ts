import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { freePort, KEY, loopback, openFolder, type Started, start } from './command-line.js';
import { commandsIn } from './in-process.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = openFolder();
const env = {
  ORIEL_KEY: KEY,
  NEXT_KEY: `k2:${Buffer.alloc(32, 4).toString('base64url')}`,
  WIKI_SECRET: 'another-secret-of-enough-bytes-here',
};
const running: Started[] = [];
const launch = (...args: string[]): Started => {
  const started = start(args, { cwd: folder.path, env });
  running.push(started);
  return started;
};
const run = commandsIn({ cwd: folder.path, env });
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(() => folder.remove());

/** A server on a database of its own, and what its file says. */
const serve = async (name: string) => {
  const port = await freePort();
  const data = { ...loopback(port), database: `sqlite:./${name}.db` };
  const file = folder.write(`${name}.yaml`, data);
  const server = launch('serve', '--config', file);
  await server.saying('"msg":"ready"');
  return {
    port,
    data,
    file,
    server,
    change: (given: object) => folder.write(`${name}.yaml`, JSON.stringify({ ...data, ...given })),
  };
};

const frameAncestors = async (port: number, host: string): Promise<string | null> => {
  const answer = await fetch(`http://127.0.0.1:${port}/h/${host}/g/mingle-cards`);
  return answer.status === 404 ? null : answer.headers.get('content-security-policy');
};

describe('oriel reload', () => {
  it('lets a running server take a changed file: hosts, keys and settings, and names what waits for a restart', async () => {
    const { port, data, file, server, change } = await serve('taken');
    expect(await frameAncestors(port, 'wiki')).toBeNull();
    change({
      keys: [`\${NEXT_KEY}`, `\${ORIEL_KEY}`],
      listen: { port: port + 1 },
      maxStale: 7,
      hosts: { ...data.hosts, wiki: { ...data.hosts.gocd, origins: ['http://localhost:9'] } },
    });
    const { code, out, err } = await run('reload', '--config', file);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/reloaded the configuration\. Restart needed for: listen\.\n$/);
    expect(await frameAncestors(port, 'wiki')).toContain('http://localhost:9');
    await server.saying('"event":"configuration-reloaded"');
    const keys = await run('keys', 'list', '--config', file, '--json');
    expect(JSON.parse(keys.out)).toMatchObject({ items: [{ id: 'k2', role: 'seals' }, { id: 'k1' }] });
    const log = await run('audit', 'list', '--config', file, '--action', 'configuration', '--json');
    expect(log.out).toContain('hosts.wiki.origins');
    expect(log.out + out + (await run('reload', '--config', file, '--json')).out).not.toContain('canary');
  });

  it('keeps the last good configuration when the file is wrong, and says what is wrong', async () => {
    const { port, server, change } = await serve('refused');
    change({ logLevel: 'loud', hosts: {} });
    folder.write('right.yaml', { ...loopback(port), database: 'sqlite:./refused.db' });
    const { code, out } = await run('reload', '--config', `${folder.path}/right.yaml`);
    expect(code).toBe(1);
    expect(out).toContain('keeps the previous configuration');
    expect(out).toContain('logLevel: this is not one of');
    await server.saying('"event":"configuration-refused"');
    expect(await frameAncestors(port, 'gocd')).toContain('http://localhost:1');
    const log = await run('audit', 'list', '--config', `${folder.path}/right.yaml`);
    expect(log.out).toContain('refused');
  });

  it('asks no server while its own file is wrong, and every one of them once that is fixed', async () => {
    const { port, file, change } = await serve('fixed');
    change({ logLevel: 'loud', hosts: {} });
    const own = await run('reload', '--config', file);
    expect(own).toMatchObject({ code: 1, out: '' });
    expect(own.err).toContain(
      'No server was asked to reload; running servers keep the previous configuration.',
    );
    expect(await frameAncestors(port, 'gocd')).toContain('http://localhost:1');
    change({ hosts: {} });
    expect(await run('reload', '--config', file)).toMatchObject({ code: 0 });
    expect(await frameAncestors(port, 'gocd')).toBeNull();
  });

  it('refuses a file that declares what the console does', async () => {
    const { data, file, change } = await serve('clash');
    const made = await run(
      'host',
      'add',
      'wiki',
      '-c',
      file,
      '-s',
      'origins=[http://localhost:9]',
      '-s',
      'key.algorithm=HS256',
      '-s',
      `key.secret=\${WIKI_SECRET}`,
    );
    expect(made).toMatchObject({ code: 0, err: '' });
    change({ hosts: { ...data.hosts, wiki: data.hosts.gocd } });
    const { code, out } = await run('reload', '-c', file);
    expect(code).toBe(1);
    expect(out).toContain('hosts.wiki: the host wiki is declared both here and in the console');
  });

  it('happens on SIGHUP too, on that server only', async () => {
    const { port, server, change } = await serve('hangup');
    change({ hosts: {} });
    server.child.kill('SIGHUP');
    await server.saying('"event":"configuration-reloaded"');
    expect(await frameAncestors(port, 'gocd')).toBeNull();
  });

  it('ends with 1 when no server runs', async () => {
    await folder.makeDatabase('alone.db');
    const file = folder.write('alone.yaml', { ...loopback(3000), database: 'sqlite:./alone.db' });
    expect(await run('reload', '-c', file)).toEqual({
      code: 1,
      out: '',
      err: 'No server runs on this database.\n',
    });
  });

  it('no longer concerns a server that was stopped', async () => {
    const { file, server } = await serve('stopped');
    server.child.kill('SIGTERM');
    await server.ended;
    expect(await run('reload', '-c', file, '--json')).toMatchObject({
      code: 1,
      out: '{"items":[]}\n',
    });
  });

  it('does not wait for an answer of a server that was killed', async () => {
    const { file, server } = await serve('killed');
    server.child.kill('SIGKILL');
    await server.ended;
    expect(await run('reload', '-c', file)).toEqual({
      code: 1,
      out: '',
      err: 'No server runs on this database.\n',
    });
  });
});

describe('A server', () => {
  it('picks up what a command changed without a reload', async () => {
    const { port, file } = await serve('live');
    const entry = folder.write('wiki.yaml', {
      origins: ['http://localhost:9'],
      key: { algorithm: 'HS256', secret: 'another-secret-of-enough-bytes-here' },
      providers: ['mingle'],
      gadgets: ['mingle-cards'],
    });
    expect(await run('host', 'add', 'wiki', '-c', file, '--file', entry)).toMatchObject({ code: 0 });
    await expect
      .poll(() => frameAncestors(port, 'wiki'), { timeout: 20_000 })
      .toContain('http://localhost:9');
    expect(await run('host', 'remove', 'wiki', '-c', file)).toMatchObject({ code: 0 });
    await expect.poll(() => frameAncestors(port, 'wiki'), { timeout: 20_000 }).toBeNull();
  });

  it('starts with no host and no provider in its file', async () => {
    const { file, change, server } = await serve('emptied');
    change({ hosts: {}, providers: {} });
    expect(await run('reload', '-c', file)).toMatchObject({ code: 0 });
    expect((await run('provider', 'list', '-c', file)).out).toBe('There are no providers yet.\n');
    server.child.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0 });
    await launch('serve', '--config', file).saying('"msg":"ready"');
  });
});
