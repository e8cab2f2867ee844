import { chownSync, existsSync, mkdirSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseHealth, GuardedDatabase } from '../../../src/store/engine/guarded-database.js';
import { migrate } from '../../../src/store/engine/migrate.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { sqliteFault } from '../../../src/store/engine/sqlite-file.js';
import { openStores } from '../../../src/store/open-stores.js';
import { TestClock } from '../../support/test-clock.js';
import { keyRing } from '../fixtures.js';

/** Milliseconds: longer than it is believed that the file is still there. */
const NO_LONGER_BELIEVED = 600;

let folder: string;
let file: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oriel-file-'));
  file = join(folder, 'oriel.db');
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true });
});

const open = async () => {
  const stores = await openStores({ url: `sqlite:${file}`, keys: keyRing('k'), clock: new TestClock() });
  closing.push(stores.close);
  return stores;
};

const ROOT = process.getuid?.() === 0;

describe('Another file in the place of the database', () => {
  it('is neither read nor written, though it is a database of Oriel too, and all is well when the right one is back', async () => {
    await (await open()).close();
    closing.length = 0;
    await copyFile(file, `${file}-copy`);
    const stores = await open();
    const put = (hash: string) => stores.clientStops.stop('mingle', hash, 1);
    await put('before');
    await rename(file, `${file}-away`);
    await pause(NO_LONGER_BELIEVED);
    // The reader may have run a command, which goes on with nothing.
    const gone = /is gone: .+ Put it back; a server that is running goes on by itself\.$/;
    await expect(put('lost')).rejects.toMatchObject({
      fault: 'missing',
      reason: expect.stringMatching(gone),
    });
    await rename(`${file}-copy`, file);
    const refused = { fault: 'foreign', reason: expect.stringContaining('Another file is in the place of') };
    await expect(put('lost')).rejects.toMatchObject(refused);
    await expect(stores.clientStops.isStopped('before')).rejects.toMatchObject(refused);
    await expect(stores.ping()).rejects.toMatchObject(refused);
    await rename(file, `${file}-copy`);
    await rename(`${file}-away`, file);
    expect(await stores.clientStops.isStopped('before')).toBe(true);
    expect(await stores.clientStops.isStopped('lost')).toBe(false);
    await put('after');
  });
});

describe('A disk that is full', () => {
  it('is called full, keeps the server from being ready, and what was written is still read', async () => {
    const opened = await openSqlite(file);
    await migrate(opened);
    closing.push(() => opened.close());
    const lines: unknown[] = [];
    const warn = (event: string, fields: Readonly<Record<string, unknown>>): void =>
      void lines.push([event, fields.code]);
    const health = new DatabaseHealth({ note: warn, warn });
    const database = new GuardedDatabase(opened, health);
    const put = (hash: string, size: number) =>
      database.write(sql`insert into ticket values (${hash}, ${'v'.repeat(size)}, 'n', 1)`);
    await put('small', 1);
    await opened.write(sql`pragma max_page_count = 1`);
    await expect(put('large', 1_000_000)).rejects.toMatchObject({
      code: 'database_unavailable',
      status: 503,
      fault: 'full',
    });
    expect(health.trouble()?.faultCode).toBe('database_full');
    expect(lines).toEqual([['database-unavailable', 'database_full']]);
    expect(await database.read(sql`select ticket_hash from ticket`)).toEqual([{ ticket_hash: 'small' }]);
  });

  it('keeps a server from being ready even while it can still be read, since the failure is remembered', async () => {
    const stores = await open();
    const other = await openSqlite(file, false);
    closing.push(() => other.close());
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let holding: Promise<void> = Promise.resolve();
    await new Promise<void>((hold) => {
      holding = other.exclusive('schema', () => {
        hold();
        return held;
      });
    });
    await expect(stores.clientStops.stop('mingle', 'x', 1)).rejects.toMatchObject({ fault: 'locked' });
    expect(await stores.clientStops.isStopped('x')).toBe(false);
    await expect(stores.ping()).rejects.toMatchObject({ fault: 'locked' });
    release();
    await holding;
  });

  const sees = (path: string, code: string) => sqliteFault(path, Object.assign(new Error(code), { code }));
  // A file system without a free block, as every Linux has one.
  const isFullSomewhere = existsSync('/proc') && statfsSync('/proc').bavail === 0;

  it.runIf(isFullSomewhere)(
    'is distinguished from one that fails, and from a file that cannot be opened',
    () => {
      for (const code of ['SQLITE_IOERR', 'SQLITE_CANTOPEN'])
        expect(sees('/proc/oriel.db', code)).toBe('full');
      expect(sees(file, 'SQLITE_IOERR')).toBe('failing');
      expect(sees(file, 'SQLITE_CANTOPEN')).toBe('missing');
      writeFileSync(file, '');
      expect(sees(file, 'SQLITE_CANTOPEN')).toBe('forbidden');
      expect(sees('/proc/oriel.db', 'SQLITE_BUSY')).toBe('locked');
    },
  );
});

describe.runIf(ROOT)('What root makes', () => {
  const ownerOf = (path: string) => {
    const { uid, gid } = statSync(path);
    return [uid, gid];
  };

  it('belongs to the owner of its folder, with all that SQLite writes beside it', async () => {
    chownSync(folder, 4711, 4712);
    const database = await openSqlite(file);
    closing.push(() => database.close());
    await migrate(database);
    for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(ownerOf(path)).toEqual([4711, 4712]);
  });

  it('is not mistaken for what was there before: that keeps its owner', async () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    chownSync(home, 4711, 4712);
    const there = join(home, 'oriel.db');
    writeFileSync(there, '');
    chownSync(there, 815, 816);
    const database = await openSqlite(there);
    closing.push(() => database.close());
    await migrate(database);
    for (const path of [there, `${there}-wal`, `${there}-shm`]) expect(ownerOf(path)).toEqual([815, 816]);
  });
});
