import { existsSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort, KEY, loopback, openFolder, start } from './command-line.js';

const folder = openFolder();
afterAll(() => folder.remove());

const ask = (
  socketPath: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path, headers: { host: 'localhost', ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

const serve = async (name: string, listen: object) => {
  const config = { ...loopback(await freePort()), listen };
  return start(['serve', '-c', folder.write(`${name}.yaml`, config)], {
    cwd: folder.path,
    env: { ORIEL_KEY: KEY },
  });
};

describe('a Unix socket to listen on', () => {
  it('serves there and nowhere else, with the mode that is configured, believes its proxy, and is removed at the end', async () => {
    const path = join(folder.path, 'one.sock');
    const server = await serve('one', { socket: './one.sock', mode: '600' });
    await server.saying('"msg":"ready"');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await ask(path, '/readyz')).toBe(200);
    expect(await ask(path, '/nothing', { 'x-forwarded-for': '198.51.100.1, 203.0.113.7' })).toBe(421);
    await server.saying('"client":"203.0.113.7"');
    expect(await ask(path, '/nothing')).toBe(421);
    await server.saying('"client":"-"');
    server.child.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('is open to its group, unless said otherwise, whatever the umask is', async () => {
    const server = await serve('group', { socket: './group.sock' });
    await server.saying('"msg":"ready"');
    expect(statSync(join(folder.path, 'group.sock')).mode & 0o777).toBe(0o660);
    server.child.kill('SIGTERM');
    await server.ended;
  });

  it('takes the place of one that a killed server left, and of no other', async () => {
    const path = join(folder.path, 'stale.sock');
    const first = await serve('stale', { socket: path });
    await first.saying('"msg":"ready"');
    const second = await (await serve('second', { socket: path })).ended;
    expect(second.code).toBe(1);
    expect(second.err).toContain(`can’t listen on ${path}: something else is already listening there`);
    expect(await ask(path, '/readyz')).toBe(200);
    first.child.kill('SIGKILL');
    await first.ended;
    expect(existsSync(path)).toBe(true);
    const third = await serve('third', { socket: path });
    await third.saying('"msg":"ready"');
    expect(await ask(path, '/readyz')).toBe(200);
    third.child.kill('SIGTERM');
    await third.ended;
  });

  it('leaves a file that is no socket alone', async () => {
    const path = join(folder.path, 'notes.txt');
    writeFileSync(path, 'kept');
    const { code, err } = await (await serve('notes', { socket: path })).ended;
    expect([code, err]).toEqual([1, expect.stringContaining('there is a file that is no socket')]);
    expect(statSync(path).size).toBe(4);
  });

  it('can carry the metrics as well', async () => {
    const path = join(folder.path, 'metrics.sock');
    const config = { ...loopback(await freePort()), metrics: { listen: { socket: path } } };
    const server = start(['serve', '-c', folder.write('metrics.yaml', config)], {
      cwd: folder.path,
      env: { ORIEL_KEY: KEY },
    });
    await server.saying('"msg":"ready"');
    expect(await ask(path, '/metrics')).toBe(200);
    server.child.kill('SIGTERM');
    await server.ended;
  });
});
