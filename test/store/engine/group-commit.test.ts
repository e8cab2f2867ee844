import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/store/engine/database.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oriel-group-'));
  database = await openSqlite(join(folder, 'oriel.db'));
  await database.write(sql`create table word (text text primary key)`);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (text: string) => database.write(sql`insert into word values (${text}) returning text`);
const words = async () =>
  (await database.read(sql`select text from word order by text`)).map(({ text }) => text);

describe('writes that share a commit', () => {
  it('each get their own answer, and a failing one undoes itself alone', async () => {
    await put('b');
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'b', 'd'].map(put));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await words()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are seen by a read that is asked for after any of them was answered', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `w${String(index).padStart(3, '0')}`);
    const seen = names.map(async (name) => {
      await put(name);
      return (await words()).includes(name);
    });
    expect(await Promise.all(seen)).not.toContain(false);
    expect(await words()).toEqual(names);
  });

  it('keep their order with a transaction between them', async () => {
    await put('a');
    const change = database.exclusive('schema', async (run) => {
      await run(sql`delete from word`);
      await run(sql`insert into word values ('x')`);
    });
    const after = put('b');
    await Promise.all([change, after]);
    expect(await words()).toEqual(['b', 'x']);
  });

  it('all fail, and hold up nothing, when the commit does', async () => {
    await database.write(
      sql`create table child (text text references word (text) deferrable initially deferred)`,
    );
    const orphan = () => database.write(sql`insert into child values ('nobody') returning text`);
    const outcomes = await Promise.allSettled([put('a'), orphan(), put('b')]);
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(1);
    expect(await words()).not.toContain('nobody');
    await put('later');
    expect(await words()).toContain('later');
  });
});
