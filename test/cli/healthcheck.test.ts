import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { freePort, KEY, loopback, openFolder, start } from './command-line.js';

const folder = openFolder();
afterAll(() => folder.remove());
const options = { cwd: folder.path, env: { ORIEL_KEY: KEY } };
const check = (name: string, ...more: readonly string[]) =>
  start(['healthcheck', '-c', `${name}.yaml`, ...more], options).ended;

it('`oriel healthcheck` says by its exit code whether the server of this configuration can serve', async () => {
  folder.write('port.yaml', loopback(await freePort()));
  const none = await check('port');
  expect([none.code, none.err]).toEqual([
    1,
    expect.stringMatching(/^The server can’t be reached: .*ECONNREFUSED/),
  ]);
  const server = start(['serve', '-c', 'port.yaml'], options);
  await server.saying('"msg":"ready"');
  expect(await check('port')).toMatchObject({ code: 0, out: 'ready\n' });
  expect(await check('port', '--alive')).toMatchObject({ code: 0, out: 'ok\n' });
  renameSync(join(folder.path, 'oriel.db'), join(folder.path, 'away.db'));
  await server.saying('"event":"database-unavailable"').catch(() => undefined);
  const away = await check('port', '--json');
  expect([away.code, JSON.parse(away.out)]).toEqual([
    1,
    { status: 'not ready', code: 'database_missing', version: expect.any(String) },
  ]);
  expect((await check('port', '--alive')).code).toBe(0);
  server.child.kill('SIGTERM');
  await server.ended;
});

it('`oriel healthcheck` reaches a server on a Unix socket', async () => {
  folder.write('socket.yaml', {
    ...loopback(await freePort()),
    database: 'sqlite:./other.db',
    listen: { socket: './o.sock' },
  });
  const server = start(['serve', '-c', 'socket.yaml'], options);
  await server.saying('"msg":"ready"');
  expect(await check('socket')).toMatchObject({ code: 0, out: 'ready\n' });
  server.child.kill('SIGTERM');
  await server.ended;
});
