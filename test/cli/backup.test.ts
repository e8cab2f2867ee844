import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStores } from '../../src/store/open-stores.js';
import { ada, connect, keyRing, newFlow, revealed, StillClock } from '../store/fixtures.js';
import { freePort, loopback, openFolder, start } from './command-line.js';

const folder = openFolder();
afterAll(() => folder.remove());
const textOf = (id: string): string => `${id}:${keyRing(id)[0]?.key.reveal()}`;
const run = (...args: readonly string[]) => start(args, { cwd: folder.path });

let houses = 0;
/** A configuration with a database of its own. */
const house = (port: number, key = 'k') => {
  houses += 1;
  const database = join(folder.path, `${houses}.db`);
  const config = folder.write(`${houses}.yaml`, {
    ...loopback(port),
    database: `sqlite:${database}`,
    keys: [textOf(key)],
  });
  const open = () => openStores({ url: `sqlite:${database}`, keys: keyRing(key), clock: new StillClock() });
  return { config, open, file: join(folder.path, `${houses}.backup`) };
};

/** A server at work with one Connection, and its backup made meanwhile. */
const backedUp = async () => {
  const { config, open, file } = house(await freePort());
  const server = run('serve', '--config', config);
  await server.saying('"ready"');
  const stores = await open();
  const connection = await connect(stores, newFlow('f'));
  await stores.close();
  const made = await run('backup', file, '--json', '--config', config).ended;
  server.child.kill('SIGTERM');
  await server.ended;
  return { file, connection, made };
};

describe('oriel backup and restore', () => {
  it('bring a server’s Connections into another database, and prove it', async () => {
    const { file, connection, made } = await backedUp();
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const other = house(await freePort());
    const restored = await run('restore', file, '--json', '--config', other.config).ended;
    expect(restored).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(restored.out)).toMatchObject({ whole: true, unopened: 0, audit: { intact: true } });
    const stores = await other.open();
    expect(await stores.connections.find(ada, 'mingle')).toEqual(connection);
    expect(revealed(await stores.connections.tokens(connection))?.refreshToken).toBe('refresh-f');
    const [entry] = await stores.audit.list({ actions: ['backup.restored'] }, { before: null, limit: 1 });
    expect(entry?.actor.kind).toBe('command');
    await stores.close();
  });

  it('a check touches no database, and says which keys are missing', async () => {
    const { file } = await backedUp();
    const right = house(await freePort());
    expect((await run('restore', '--check', file, '--config', right.config).ended).code).toBe(0);
    const stores = await right.open();
    expect(await stores.connections.find(ada, 'mingle')).toBeNull();
    await stores.close();
    const wrong = house(await freePort(), 'other');
    const { code, out } = await run('restore', '--check', file, '--config', wrong.config).ended;
    expect(code).toBe(1);
    expect(out).toContain('do not open');
  });

  it('nothing is restored under a running server', async () => {
    const { file } = await backedUp();
    const busy = house(await freePort());
    const server = run('serve', '--config', busy.config);
    await server.saying('"ready"');
    const { code, err } = await run('restore', '--replace', file, '--config', busy.config).ended;
    server.child.kill('SIGTERM');
    await server.ended;
    expect(code).toBe(1);
    expect(err).toContain('Stop it first');
  });

  it('a file that is no backup is named, and one that cannot be read or written', async () => {
    const { config } = house(await freePort());
    const { code, err } = await run('restore', config, '--config', config).ended;
    expect(code).toBe(1);
    expect(err).toContain('is not a whole backup');
    const nowhere = await run('restore', 'nowhere', '--config', config).ended;
    expect(nowhere.err).toBe('The file nowhere cannot be used: there is no such file, or no such folder.\n');
    const unwritten = await run('backup', folder.path, '--config', config).ended;
    expect(unwritten).toMatchObject({
      code: 1,
      err: `The file ${folder.path} cannot be used: there is a folder of that name.\n`,
    });
  });
});
