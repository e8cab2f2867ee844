import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Run } from '../../src/store/engine/database.js';
import { sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { freePort, KEY, loopback, openFolder, type Started, start } from './command-line.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = openFolder();
afterAll(() => folder.remove());

/** Once a process has opened its database it has read its configuration. */
const hasOpened = async ({ child, ended }: Started, file: string): Promise<void> => {
  const links = (): readonly string[] => {
    const descriptors = `/proc/${child.pid}/fd`;
    try {
      return readdirSync(descriptors).map((each) => readlinkSync(join(descriptors, each)));
    } catch {
      // Some were closed in the meantime.
      return [];
    }
  };
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded && !links().includes(file)) await pause(5);
};

/** A server that waits for its database until `whileWaiting` is done; its file was changed before that. Returned once it serves with that file. */
const startsDuring = async (
  name: string,
  whileWaiting: (server: Started, run: Run) => Promise<unknown>,
): Promise<void> => {
  const data = { ...loopback(await freePort()), database: `sqlite:./${name}.db` };
  const file = folder.write(`${name}.yaml`, data);
  const env = { ORIEL_KEY: KEY };
  await folder.makeDatabase(`${name}.db`);
  const path = join(folder.path, `${name}.db`);
  const database = await openSqlite(path);
  const server = await database.exclusive('reload', async (run) => {
    const started = start(['serve', '--config', file], { cwd: folder.path, env });
    await hasOpened(started, path);
    const wiki = { ...data.hosts.gocd, origins: ['http://localhost:9'] };
    folder.write(`${name}.yaml`, JSON.stringify({ ...data, hosts: { ...data.hosts, wiki } }));
    await whileWaiting(started, run);
    return started;
  });
  await database.close();
  try {
    await server.saying('"event":"configuration-reloaded"');
    const answer = await fetch(`${data.gadgetOrigin}/h/wiki/g/mingle-cards`);
    expect(answer.headers.get('content-security-policy')).toContain('http://localhost:9');
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
  }
};

// Only Linux says which files a process has open.
describe.runIf(platform === 'linux')('A server that is only just starting', () => {
  it('handles a SIGHUP as soon as it serves', () =>
    startsDuring('signalled', async ({ child }) => child.kill('SIGHUP')));

  it('handles “oriel reload” as soon as it serves', () =>
    startsDuring('asked', (_, run) =>
      run(sql`
        insert into reload_request (number, requested_at, requested_by)
        values (1, 1, '{"kind":"command","name":"ann"}')`),
    ));
});
