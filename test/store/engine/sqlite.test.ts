import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { makeFile } from '../../../src/store/engine/sqlite-file.js';
import { openStores } from '../../../src/store/open-stores.js';
import type { Stores } from '../../../src/store/stores.js';
import { TestClock } from '../../support/test-clock.js';
import {
  ada,
  bob,
  connect,
  flowTo,
  frameSession,
  keyRing,
  NOW,
  newFlow,
  newFrameSession,
} from '../fixtures.js';

describe('a SQLite file', () => {
  let folder: string;
  let file: string;
  const closing: (() => Promise<void>)[] = [];
  const open = async (ring = keyRing('k')): Promise<Stores> => {
    const stores = await openStores({ url: `sqlite:${file}`, keys: ring, clock: new TestClock() });
    closing.push(stores.close);
    return stores;
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-store-'));
    file = join(folder, 'oriel.db');
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await rm(folder, { recursive: true });
  });

  it('keeps what a killed server left beside it to its owner too', async () => {
    for (const left of [file, `${file}-wal`, `${file}-shm`]) {
      await writeFile(left, '');
      await chmod(left, 0o644);
    }
    makeFile(file);
    for (const left of [file, `${file}-wal`, `${file}-shm`])
      expect((await stat(left)).mode & 0o777).toBe(0o600);
  });

  it('returns no code to redeem when no key opens its verifier any more', async () => {
    const stores = await open(keyRing('gone'));
    await flowTo(stores).redirected(newFlow('f'));
    const others = await open(keyRing('k'));
    expect(await others.flows.giveBack('f', NOW)).toBeNull();
  });

  const modes = async (): Promise<Record<string, string>> => {
    const names = (await readdir(folder)).sort();
    const entries = names.map(async (name) => [
      name,
      ((await stat(join(folder, name))).mode & 0o777).toString(8),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  };
  const ownersOnly = { 'oriel.db': '600', 'oriel.db-shm': '600', 'oriel.db-wal': '600' };

  it('is readable by its owner only, with all that belongs to it, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await connect(await open(), newFlow('f'));
      expect(await modes()).toEqual(ownersOnly);
    } finally {
      process.umask(before);
    }
  });

  it('becomes readable by its owner only when it was not', async () => {
    await writeFile(file, '', { mode: 0o644 });
    await chmod(file, 0o644);
    await connect(await open(), newFlow('f'));
    expect(await modes()).toEqual(ownersOnly);
  });

  it('is written so that what was answered is on the disk', async () => {
    const database = await openSqlite(file);
    closing.push(database.close);
    expect(await database.write(sql`pragma journal_mode`)).toEqual([{ journal_mode: 'wal' }]);
    expect(await database.write(sql`pragma synchronous`)).toEqual([{ synchronous: 2 }]);
    expect(await database.write(sql`pragma foreign_keys`)).toEqual([{ foreign_keys: 1 }]);
  });

  it('waits for no disk where it is said that the file is thrown away', async () => {
    const database = await openSqlite(file, true, { durable: false });
    closing.push(database.close);
    expect(await database.write(sql`pragma synchronous`)).toEqual([{ synchronous: 0 }]);
    expect(await database.write(sql`pragma foreign_keys`)).toEqual([{ foreign_keys: 1 }]);
  });

  it('holds no token, verifier, session key or typed name in clear', async () => {
    const stores = await open();
    await connect(stores, newFlow('f'));
    await flowTo(stores).redirected(newFlow('g', { viewer: bob }));
    await stores.frameSessions.launch(newFrameSession(frameSession('s'), 'jti'));
    await stores.webSessions.set('key-in-the-cookie', '{}', NOW + 1);
    await stores.signInThrottle.attempt({ account: 'password-typed-as-a-name', address: '192.0.2.1' });
    const content = async (): Promise<string> => {
      const files = (await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1'));
      return (await Promise.all(files)).join('');
    };
    for (const when of ['while in use', 'closed']) {
      if (when === 'closed') for (const close of closing.splice(0)) await close();
      const found = await content();
      expect(found).toContain('client-1');
      for (const secret of ['access-f', 'refresh-f', 'verifier"', 'key-in-the-cookie', 'password-typed'])
        expect(found.includes(secret), `${secret} ${when}`).toBe(false);
      expect(found.includes(Buffer.from('access-f').toString('base64url'))).toBe(false);
    }
  });

  it('gives out no tokens that were copied from another row, column or version', async () => {
    const stores = await open();
    const hers = await connect(stores, newFlow('f1'));
    const his = await connect(stores, newFlow('f2', { viewer: bob }));
    const flow = await flowTo(stores).accepted(newFlow('f3', { provider: 'gocd' }));
    const database = await openSqlite(file);
    closing.push(database.close);
    await database.write(
      sql`update connection set tokens = (select tokens from connection where id = ${his.id})`,
    );
    expect(await stores.connections.tokens(hers)).toBeNull();
    expect(await stores.connections.tokens(his)).not.toBeNull();
    await database.write(sql`update connection set version = version + 1 where id = ${his.id}`);
    expect(await stores.connections.tokens({ ...his, version: his.version + 1 })).toBeNull();
    await database.write(sql`update connection set tokens = (select tokens from flow where id = 'f1')`);
    expect(await stores.connections.tokens(hers)).toBeNull();
    await database.write(
      sql`update flow set tokens = (select tokens from flow where id = 'f2') where id = 'f3'`,
    );
    expect(await stores.flows.tokens(flow)).toBeNull();
  });

  it('does not go on without the verifier when that cannot be opened', async () => {
    const stores = await open();
    await flowTo(stores).redirected(newFlow('f'));
    await flowTo(stores).redirected(newFlow('g', { viewer: bob }));
    const database = await openSqlite(file);
    closing.push(database.close);
    await database.write(
      sql`update flow set verifier = (select verifier from flow where id = 'g') where id = 'f'`,
    );
    expect(await stores.flows.giveBack('f', NOW)).toBeNull();
  });

  it('loses only one row’s tokens when a key is missing', async () => {
    const connection = await connect(await open(keyRing('old')), newFlow('f'));
    const without = await open(keyRing('new'));
    expect(await without.connections.tokens(connection)).toBeNull();
    expect(await without.connections.find(ada, 'mingle')).toEqual(connection);
    const other = await connect(without, newFlow('g', { viewer: bob }));
    expect(await without.connections.tokens(other)).not.toBeNull();
    expect(await (await open(keyRing('new', 'old'))).connections.tokens(connection)).not.toBeNull();
  });

  it('works after a statement that failed', async () => {
    const stores = await open();
    await stores.flows.create(newFlow('f'));
    const results = await Promise.allSettled([
      stores.flows.create(newFlow('f')),
      stores.flows.create(newFlow('g')),
    ]);
    expect(results.map((each) => each.status)).toEqual(['rejected', 'fulfilled']);
    expect(await stores.flows.byId('g')).not.toBeNull();
  });

  it('is read while a transaction of another process is writing', async () => {
    const stores = await open();
    await stores.flows.create(newFlow('f'));
    const other = await openSqlite(file);
    closing.push(other.close);
    await other.exclusive('schema', async (run) => {
      await run(sql`delete from flow`);
      expect(await stores.flows.byId('f')).not.toBeNull();
    });
    expect(await stores.flows.byId('f')).toBeNull();
  });
});
