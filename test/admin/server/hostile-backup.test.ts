import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBackupHead, readBackupRows } from '../../../src/admin/server/backup-file.js';
import { writeBackup } from '../../../src/admin/server/commands.js';
import { restoreInto } from '../../../src/store/backup/restore.js';
import { migrate } from '../../../src/store/engine/migrate.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { Sealer } from '../../../src/store/sealing/seal.js';
import { BACKUP, sealStream } from '../../../src/store/sealing/sealed-stream.js';
import { keyRing } from '../../store/fixtures.js';

const ring = new Sealer(keyRing('k'));
const HEAD = `${JSON.stringify({ format: 'oriel-backup', version: 1, schema: 2, takenAt: 1 })}\n`;
const NOTHING = {
  schema: 2,
  async *rows(): AsyncGenerator<never> {},
  seal: (plain: AsyncIterable<Uint8Array>) => sealStream(plain, ring, BACKUP),
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oriel-hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = async (name: string, ...parts: readonly (string | Buffer)[]): Promise<number> => {
  const file = join(folder, name);
  await writeFile(file, gzipSync(Buffer.concat([HEAD, ...parts].map((part) => Buffer.from(part)))));
  let rows = 0;
  for await (const _ of readBackupRows(file, ring)) rows += 1;
  return rows;
};

describe('A file that claims to be a backup', () => {
  it.each([
    ['of another product', { format: 'another-backup' }, 'it does not start like one'],
    ['of no schema', { schema: null }, 'it does not start like one'],
    ['of half a schema', { schema: 1.5 }, 'it does not start like one'],
    ['of no time', { takenAt: '2026' }, 'it does not start like one'],
    ['of a later form', { version: 2 }, 'this version of Oriel does not know its format 2'],
  ])('is refused when it says that it is %s', async (_, said, why) => {
    const file = join(folder, 'head');
    const head = { format: 'oriel-backup', version: 1, schema: 2, takenAt: 1, ...said };
    const lines = `${JSON.stringify(head)}\n`;
    const sha256 = createHash('sha256').update(lines).digest('base64url');
    await writeFile(file, gzipSync(`${lines}${JSON.stringify({ rows: 0, sha256 })}\n`));
    await expect(readBackupHead(file, ring)).rejects.toThrow(`${file} is not a complete backup: ${why}.`);
  });

  it.each([
    ['no row', '["admin"]\n'],
    ['a row that is none', '["admin",null]\n'],
    ['a group in a row', '["admin",{"id":{"$gt":""}}]\n'],
    ['a list in a row', '["admin",{"id":[1]}]\n'],
    ['no table', '[{},{}]\n'],
  ])('is refused with %s in it', async (_what, line) => {
    await expect(read('row', line)).rejects.toThrow(/not a complete backup: one of its lines is not a row/);
  });

  it.each([
    ['a session of someone', ['web_session', { key_hash: 'h', content: '{}', expires_at: 9e15 }]],
    ['statements for columns', ['client_stop', { 'client_key) select 1 --': 1 }]],
  ])('restores nothing when %s was written into it, its checksum computed again', async (_, hostile) => {
    const lines = `${HEAD}${JSON.stringify(hostile)}\n`;
    const sha256 = createHash('sha256').update(lines).digest('base64url');
    const file = join(folder, 'summed');
    await writeFile(file, gzipSync(`${lines}${JSON.stringify({ rows: 1, sha256 })}\n`));
    const database = await openSqlite(':memory:');
    await migrate(database);
    await database.write(sql`insert into client_stop values ('here', 'mingle', 1)`);
    const restoring = restoreInto(
      database,
      await readBackupHead(file, ring),
      () => readBackupRows(file, ring),
      {
        replace: true,
        keepApiKeys: false,
        now: 1,
      },
    );
    await expect(restoring).rejects.toThrow(/something that is not of this product/);
    expect(await database.read(sql`select client_key from client_stop`)).toEqual([{ client_key: 'here' }]);
    await database.close();
  });

  it('does not fill the memory: an endless line is not read to the end', async () => {
    const before = process.memoryUsage().rss;
    await expect(read('giant', Buffer.alloc(200 * 1024 * 1024, 'x'))).rejects.toThrow(
      /a line of it never ends/,
    );
    expect((await stat(join(folder, 'giant'))).size).toBeLessThan(1024 * 1024);
    expect(process.memoryUsage().rss - before).toBeLessThan(800 * 1024 * 1024);
  });
});

describe('Writing a backup', () => {
  it('writes through no planted link, and keeps no permissions that were set before', async () => {
    const victim = join(folder, 'victim');
    await writeFile(victim, 'as it was');
    const linked = join(folder, 'linked.backup');
    await symlink(victim, `${linked}.partial`);
    await writeBackup(linked, NOTHING, 1);
    expect(await readFile(victim, 'utf8')).toBe('as it was');

    const open = join(folder, 'open.backup');
    await writeFile(`${open}.partial`, '', { mode: 0o666 });
    await writeBackup(open, NOTHING, 1);
    for (const file of [linked, open]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
