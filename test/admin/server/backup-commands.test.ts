import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, createReadStream, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../../../src/store/engine/open-database.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openStores } from '../../../src/store/open-stores.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { BACKUP, openStream } from '../../../src/store/sealing/sealed-stream.js';
import { freePort, loopback, openFolder, start } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { ada, connect, keyRing, newFlow, revealed } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = openFolder();
afterAll(() => folder.remove());
const textOf = (id: string): string => `${id}:${keyRing(id)[0]?.key.reveal()}`;
const run = commandsIn({ cwd: folder.path });

let servers = 0;
/** A configuration with a database of its own, whose ring has these keys. */
const app = (port: number, ...keys: readonly string[]) => {
  const ring = keys.length === 0 ? ['k'] : keys;
  servers += 1;
  const database = join(folder.path, `${servers}.db`);
  const config = folder.write(`${servers}.yaml`, {
    ...loopback(port),
    database: `sqlite:${database}`,
    keys: ring.map(textOf),
  });
  const url = `sqlite:${database}`;
  const open = () => openStores({ url, keys: ring.flatMap((each) => keyRing(each)), clock: new TestClock() });
  return { config, open, url, file: join(folder.path, `${servers}.backup`) };
};

/** A server at work with one Connection, and its backup, made while it runs. */
const backedUp = async () => {
  const { config, open, file } = app(await freePort());
  const server = start(['serve', '--config', config], { cwd: folder.path });
  await server.saying('"ready"');
  const stores = await open();
  const connection = await connect(stores, newFlow('f'));
  await stores.close();
  const made = await run('backup', file, '--json', '--config', config);
  server.child.kill('SIGTERM');
  await server.ended;
  return { file, connection, made };
};

describe('oriel backup and restore', () => {
  it('bring a server’s Connections into another database, and prove it', async () => {
    const { file, connection, made } = await backedUp();
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const other = app(await freePort());
    const restored = await run('restore', file, '--json', '--config', other.config);
    expect(restored).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(restored.out)).toMatchObject({ whole: true, unopened: 0, audit: { intact: true } });
    const stores = await other.open();
    expect(await stores.connections.find(ada, 'mingle')).toEqual(connection);
    expect(revealed(await stores.connections.tokens(connection))?.refreshToken).toBe('refresh-f');
    const [entry] = await stores.audit.list({ actions: ['backup.restored'] }, { before: null, limit: 1 });
    expect(entry?.actor.kind).toBe('command');
    await stores.close();
  });

  it.runIf(process.getuid?.() === 0)('replaced by root stays whose it was', async () => {
    const { config, open, file } = app(await freePort());
    await (await open()).close();
    writeFileSync(file, 'older', { mode: 0o644 });
    chownSync(file, 4711, 4712);
    expect(await run('backup', file, '--config', config)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`The file ${file} already exists. Use --overwrite`),
    });
    expect((await run('backup', file, '--overwrite', '--config', config)).code).toBe(0);
    const { uid, gid, mode } = statSync(file);
    expect([uid, gid, mode & 0o777]).toEqual([4711, 4712, 0o600]);
  });

  it('a check touches no database, and says which keys are missing', async () => {
    const { file } = await backedUp();
    const right = app(await freePort());
    expect((await run('restore', '--check', file, '--config', right.config)).code).toBe(0);
    const stores = await right.open();
    expect(await stores.connections.find(ada, 'mingle')).toBeNull();
    await stores.close();
    const wrong = app(await freePort(), 'other');
    const { code, err } = await run('restore', '--check', file, '--config', wrong.config);
    expect(code).toBe(1);
    expect(err).toContain('is sealed with the key k, which is not in `keys`');
  });

  it('nothing of it can be read without the key ring', async () => {
    const { config, open, file } = app(await freePort());
    const stores = await open();
    await connect(stores, newFlow('f'), { account: 'canary-account' });
    await stores.admins.inviteFirst({ tokenHash: 'h', expiresAt: 9e12 });
    await stores.admins.accept({
      tokenHash: 'h',
      id: 'a',
      name: 'Canary',
      passwordHash: 'canary-hash',
      now: 1,
    });
    await stores.close();
    const { out } = await run('backup', file, '--config', config);
    const bytes = readFileSync(file);
    expect(out).toContain(createHash('sha256').update(bytes).digest('hex'));
    expect(bytes.subarray(0, 17).toString()).toBe('oriel-sealed 1 k ');
    expect(() => gunzipSync(bytes.subarray(bytes.indexOf('\n') + 1))).toThrow();
  });

  it('one of an earlier version is checked as it is, and restored once that is asked for', async () => {
    const { file, connection } = await backedUp();
    const parts: Buffer[] = [];
    const ring = new Sealer(keyRing('k'));
    for await (const part of openStream(createReadStream(file), ring, BACKUP)) parts.push(part);
    // As it was written before backups were sealed.
    writeFileSync(file, Buffer.concat(parts));
    const other = app(await freePort());
    const checked = await run('restore', '--check', file, '--config', other.config);
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.out).toContain('which an earlier version created without sealing it');
    const refused = await run('restore', file, '--config', other.config);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('restore it with --unsealed');
    const restored = await run('restore', '--unsealed', file, '--config', other.config);
    expect(restored).toMatchObject({ code: 0, err: '' });
    const stores = await other.open();
    expect(await stores.connections.find(ada, 'mingle')).toEqual(connection);
    await stores.close();
  });

  it('one with values that no key of the ring opens is not whole, and says what is missing', async () => {
    const before = app(await freePort(), 'old');
    const stores = await before.open();
    await connect(stores, newFlow('f'));
    await stores.close();
    // The key was changed, and nothing sealed again since.
    const changed = folder.write('changed.yaml', {
      ...loopback(await freePort()),
      database: before.url,
      keys: [textOf('k'), textOf('old')],
    });
    expect((await run('backup', before.file, '--config', changed)).code).toBe(0);
    const lacking = app(await freePort(), 'k');
    for (const check of [['--check'], []]) {
      const { code, out } = await run('restore', ...check, before.file, '--config', lacking.config);
      expect(out).toMatch(
        /([1-9]\d*) of \1 sealed values can’t be opened: add the keys of that time to `keys`/,
      );
      expect(code).toBe(1);
    }
    const whole = app(await freePort(), 'k', 'old');
    const { code, out } = await run('restore', before.file, '--config', whole.config);
    expect(out).toMatch(/All [1-9]\d* sealed values open with the key ring/);
    expect(code).toBe(0);
  });

  it('one whose audit log was changed before it was made is not whole, and says where', async () => {
    const { config, open, url, file } = app(await freePort());
    await (await open()).close();
    for (const name of ['one', 'two', 'three'])
      await run('api-key', 'create', name, '--scope', 'audit:read', '--config', config);
    const database = await openDatabase(url, { create: false });
    await database.write(sql`update audit_entry set subject = 'another' where seq = 2`);
    await database.close();
    expect((await run('backup', file, '--config', config)).code).toBe(0);
    const { code, out } = await run('restore', '--check', file, '--config', config);
    expect(out).toContain('The audit log is broken at entry 2');
    expect(code).toBe(1);
  });

  it('a restore lists the administrators in it, and revokes the API keys', async () => {
    const { config, open, file } = app(await freePort());
    const stores = await open();
    await stores.admins.inviteFirst({ tokenHash: 'h', expiresAt: 9e12 });
    await stores.admins.accept({ tokenHash: 'h', id: 'a', name: 'Ruth', passwordHash: 'x', now: 1 });
    await stores.close();
    const made = await run('api-key', 'create', 'ci', '--scope', 'audit:read', '--json', '--config', config);
    expect(made.err).toBe('');
    await run('backup', file, '--config', config);
    const { code, out } = await run('restore', '--replace', file, '--config', config);
    expect(code).toBe(0);
    expect(out).toMatch(/Administrators in it, .*\n {2}Ruth {14}password, never signed in/);
    expect(out).toMatch(/are now revoked \(--keep-api-keys keeps them\):\n {2}ci {16}audit:read/);
    const after = await open();
    const [key] = await after.apiKeys.list();
    expect(key?.revokedAt).not.toBeNull();
    const [entry] = await after.audit.list({ actions: ['api-key.revoked'] }, { before: null, limit: 1 });
    expect(entry).toMatchObject({ subject: key?.id, code: 'restored' });
    await after.close();
  });

  it('nothing is restored under a running server', async () => {
    const { file } = await backedUp();
    const busy = app(await freePort());
    const server = start(['serve', '--config', busy.config], { cwd: folder.path });
    await server.saying('"ready"');
    const { code, err } = await run('restore', '--replace', file, '--config', busy.config);
    server.child.kill('SIGTERM');
    await server.ended;
    expect(code).toBe(1);
    expect(err).toContain('Stop it first');
  });

  it('a file that is not a backup, or cannot be read or written, is named', async () => {
    const { config, open } = app(await freePort());
    await (await open()).close();
    const { code, err } = await run('restore', config, '--config', config);
    expect(code).toBe(1);
    expect(err).toContain('is not a complete backup');
    const nowhere = await run('restore', 'nowhere', '--config', config);
    expect(nowhere.err).toBe('The file nowhere can’t be used: no such file or folder.\n');
    const taken = folder.write('taken', 'something of mine');
    expect((await run('backup', taken, '--config', config)).err).toContain('--overwrite to replace it');
    expect(readFileSync(taken, 'utf8')).toBe('something of mine');
    expect((await run('backup', taken, '--overwrite', '--config', config)).code).toBe(0);
    expect((await run('restore', '--check', taken, '--config', config)).code).toBe(0);
    const unwritten = await run('backup', folder.path, '--config', config);
    expect(unwritten).toMatchObject({
      code: 1,
      err: `The file ${folder.path} can’t be used: it is a folder.\n`,
    });
  });

  it.each([[['backup']], [['audit', 'export']]])(
    'oriel %s treats a file that is there, a folder and - alike',
    async (command) => {
      const { config, open } = app(await freePort());
      await (await open()).close();
      const options = ['--config', config];
      const taken = folder.write(`taken-by-${command.join('-')}`, 'something of mine');
      expect(await run(...command, taken, ...options)).toEqual({
        code: 1,
        out: '',
        err: `The file ${taken} already exists. Use --overwrite to replace it.\n`,
      });
      expect(readFileSync(taken, 'utf8')).toBe('something of mine');
      expect((await run(...command, taken, '--overwrite', ...options)).code).toBe(0);
      expect(readFileSync(taken, 'utf8')).not.toContain('something of mine');
      expect(statSync(taken).mode & 0o777).toBe(0o600);
      expect(await run(...command, folder.path, '--overwrite', ...options)).toMatchObject({
        code: 1,
        err: `The file ${folder.path} can’t be used: it is a folder.\n`,
      });
      // As it is shipped: what goes to standard output is not text.
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [resolve('dist/main.js'), ...command, '-', ...options],
        { cwd: folder.path, env: { PATH: process.env.PATH } },
      );
      expect([status, String(stderr)]).toEqual([0, '']);
      expect(readdirSync(folder.path)).not.toContain('-');
      if (command.includes('backup')) {
        const copy = folder.write('from-standard-output', '');
        writeFileSync(copy, stdout);
        expect((await run('restore', '--check', copy, ...options)).code).toBe(0);
      } else {
        const lines = String(stdout).trim().split('\n');
        expect(lines.map((line) => JSON.parse(line).action)).toContain('audit.exported');
      }
    },
  );
});
