import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config/read-config.js';
import { openStores } from '../../src/store/open-stores.js';
import { TestClock } from '../support/test-clock.js';
import { freePort, KEY, loopback, openFolder, type Started, start } from './command-line.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = openFolder();
const running: Started[] = [];
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => folder.remove());

const env = { ORIEL_KEY: KEY };
const launch = (args: readonly string[], more: Record<string, string> = {}): Started => {
  const started = start(args, { cwd: folder.path, env: { ...env, ...more } });
  running.push(started);
  return started;
};

const status = (port: number, path: string): Promise<number | undefined> =>
  new Promise((done, failed) => {
    request({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume().on('end', () => done(answer.statusCode));
    })
      .on('error', failed)
      .end();
  });

describe('oriel serve', () => {
  it('takes the file that ORIEL_CONFIG names, and opens no inspector at SIGUSR1', async () => {
    const port = await freePort();
    const file = folder.write('named.yaml', loopback(port));
    const server = launch(['serve'], { ORIEL_CONFIG: file });
    await server.saying('"msg":"ready"');
    server.child.kill('SIGUSR1');
    expect(await status(port, '/readyz')).toBe(200);
    server.child.kill('SIGTERM');
    expect((await server.ended).err).not.toContain('Debugger');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes and ends with 0 at %s', async (signal) => {
    const port = await freePort();
    const server = launch(['serve', '-c', folder.write('oriel.yaml', loopback(port))]);
    await server.saying('"msg":"ready"');
    server.child.kill(signal);
    expect(await server.ended).toMatchObject({ code: 0, err: expect.not.stringContaining('rror') });
    await expect(status(port, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends at once at the second signal, whatever is in progress', async () => {
    const port = await freePort();
    const server = launch(['serve', '-c', folder.write('oriel.yaml', loopback(port))]);
    await server.saying('"msg":"ready"');
    // A request whose body never comes delays the shutdown.
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((sent) => {
      const head = `POST /h/gocd/g/mingle-cards HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
      const type =
        'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\nExpect: 100-continue\r\n';
      socket.write(`${head}${type}\r\n`);
      socket.once('data', () => sent());
    });
    socket.on('error', () => undefined);
    const startedAt = performance.now();
    server.child.kill('SIGTERM');
    const refused = async (): Promise<void> => {
      await status(port, '/healthz').then(refused, () => undefined);
    };
    await refused();
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(8000);
    socket.destroy();
  });

  it('says in a sentence what keeps it from starting, and ends with 1', async () => {
    const port = await freePort();
    const file = folder.write('oriel.yaml', loopback(port));
    const first = launch(['serve', '-c', file]);
    await first.saying('"msg":"ready"');
    const second = await launch(['serve', '-c', file]).ended;
    expect(second).toMatchObject({ code: 1 });
    expect(second.err).toBe(
      `The server can’t listen on 127.0.0.1:${port}: something else is already listening there; stop it, or change \`listen\`.\n`,
    );
  });

  it('refuses to start without a key ring, and says how to make one', async () => {
    const { keys: _keys, ...data } = loopback(3000);
    const { code, err } = await launch(['serve', '-c', folder.write('keyless.yaml', data)]).ended;
    expect(code).toBe(1);
    expect(err).toContain('keys: this is missing');
    expect(err).toContain('oriel keys new');
  });

  it('refuses to start on plain http off loopback', async () => {
    const data = { ...loopback(3000), gadgetOrigin: 'http://gadgets.example.com' };
    const { code, err } = await launch(['serve', '-c', folder.write('http.yaml', data)]).ended;
    expect(code).toBe(1);
    expect(err).toContain('gadgetOrigin: plain http is allowed on loopback only');
  });
});

describe('oriel provider retry', () => {
  it('allows the clients of one provider, or of all, again', async () => {
    const file = folder.write('retry.yaml', { ...loopback(3000), database: 'sqlite:./retry.db' });
    const config = readConfig(file, env);
    const clock = new TestClock('runs');
    const stores = await openStores({ url: config.database, keys: config.keys, clock });
    const retry = (...args: string[]) => launch(['provider', 'retry', ...args, '-c', file]).ended;
    try {
      await stores.clientStops.stop('mingle', 'a', 1);
      await stores.clientStops.stop('gone', 'b', 1);
      expect(await retry('mingle')).toMatchObject({
        code: 0,
        out: 'One client of mingle can request tokens again.\n',
      });
      expect(await stores.clientStops.isStopped('a')).toBe(false);
      expect(await stores.clientStops.isStopped('b')).toBe(true);
      expect(await retry()).toMatchObject({
        code: 0,
        out: 'One client of any provider can request tokens again.\n',
      });
      expect(await retry('mingle')).toMatchObject({ code: 0, out: 'No client of mingle was stopped.\n' });
      expect((await retry('mingel')).err).toBe('There is no provider mingel. Known providers: mingle.\n');
    } finally {
      await stores.close();
    }
  });
});
