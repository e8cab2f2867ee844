import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { raw } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { openStores } from '../../../src/store/open-stores.js';
import { freePort, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { ada, keyRing } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

const DAY = 24 * 60 * 60_000;
const FIRST = Date.parse('2026-12-30T12:00:00Z');
const folder = openFolder();
afterAll(() => folder.remove());

describe('oriel audit archive', () => {
  let logs = 0;
  let database: string;
  let file: string;
  let heads: readonly string[];
  const run = commandsIn({ cwd: folder.path });
  const audit = (...args: readonly string[]) => run('audit', ...args, '--config', `${logs}.yaml`);
  const archive = (to: string, before: string) => audit('archive', to, '--before', before);
  const tamper = async (statement: string): Promise<void> => {
    const opened = await openSqlite(database);
    await opened.write(raw(statement));
    await opened.close();
  };

  /** Ten entries on each of four days, of administrators and viewers. */
  beforeEach(async () => {
    logs += 1;
    database = join(folder.path, `${logs}.db`);
    file = join(folder.path, `${logs}.jsonl`);
    const key = keyRing('k')[0]?.key.reveal();
    const url = `sqlite:${database}`;
    folder.write(`${logs}.yaml`, { ...loopback(await freePort()), database: url, keys: [`k:${key}`] });
    const stores = await openStores({ url, keys: keyRing('k'), clock: new TestClock() });
    const made: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      const by =
        n % 2
          ? ({ kind: 'viewer', viewer: ada } as const)
          : ({ kind: 'admin', id: 'a1', name: 'Ännä “A”' } as const);
      const changes = [{ path: 'scopes', before: null, after: 'a\u2028b' }];
      const event = { action: 'provider.changed', by, outcome: 'done', provider: 'mingle', changes } as const;
      made.push((await stores.audit.append(event, FIRST + Math.floor(n / 10) * DAY)).hash);
    }
    heads = made;
    await stores.close();
  });

  it('writes what is older to a file, removes it, and leaves a log that is intact and goes on', async () => {
    const done = await archive(file, '2027-01-01');
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('Archived entries 1 to 20')]);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    const [entry] = (
      JSON.parse((await audit('list', '--json', '--action', 'audit.archived')).out) as { items: object[] }
    ).items;
    expect(entry).toMatchObject({
      subject: '20',
      changes: [
        { path: 'entries', before: '1', after: '20' },
        { path: 'head', before: null, after: heads[19] },
        { path: 'sha256', before: null, after: sha256 },
      ],
    });
    const verified = await audit('verify');
    expect([verified.code, verified.out]).toEqual([
      0,
      expect.stringContaining('The audit log is intact: 21 entries after 20 that were archived.'),
    ]);
    const both = await audit('verify', '--archive', file, '--head', heads[4] ?? '');
    expect([both.code, both.out]).toEqual([
      0,
      expect.stringContaining('The archives are intact: 20 entries.'),
    ]);
    expect(both.out).toContain(`The hash ${heads[4]} is that of entry 5.`);
  });

  it('can be done again, and all archives together prove the whole', async () => {
    const second = join(folder.path, `${logs}-second.jsonl`);
    await archive(file, '2026-12-31');
    expect((await archive(second, '2027-01-02')).out).toContain('Archived entries 11 to 30');
    expect(await audit('verify', '--archive', second, file)).toMatchObject({
      code: 0,
      out: expect.stringContaining('The archives are intact: 30 entries.'),
    });
    const gap = await audit('verify', '--archive', second);
    expect([gap.code, gap.out]).toEqual([1, expect.stringContaining('The archive with entry 1 is missing')]);
    const short = await audit('verify', '--archive', file);
    expect([short.code, short.out]).toEqual([
      1,
      expect.stringContaining('The archives end with entry 10, and the log starts with entry 31.'),
    ]);
  });

  it('is checked as a whole: a change of the archive, of the log, and a cut of either is found', async () => {
    await archive(file, '2027-01-01');
    const text = readFileSync(file, 'utf8');
    const lines = text.trimEnd().split('\n');
    const changed: Readonly<Record<string, string>> = {
      'a changed value': text.replace('Ännä', 'Anna'),
      'a line that is gone': lines.toSpliced(6, 1).join('\n'),
      'the first line gone': lines.slice(1).join('\n'),
      'the last line gone': lines.slice(0, -1).join('\n'),
      'no line at all': '',
      'two lines exchanged': [lines[1], lines[0], ...lines.slice(2)].join('\n'),
      'no JSON': `${text}x`,
    };
    for (const [what, content] of Object.entries(changed)) {
      writeFileSync(join(folder.path, 'changed.jsonl'), content);
      expect([what, (await audit('verify', '--archive', 'changed.jsonl')).code]).toEqual([what, 1]);
    }
    copyFileSync(database, `${database}.kept`);
    for (const statement of [
      'delete from audit_entry where seq = 21',
      "update audit_entry set provider = 'x' where seq = 21",
      "update audit_entry set changes = replace(changes, '\"head\"', '\"tail\"') where action = 'audit.archived'",
      "delete from audit_entry where action = 'audit.archived'",
      'insert into audit_entry select 20, at, action, outcome, actor_kind, actor_id, actor_name, person, provider, host, subject, code, changes, request_id, times, hash from audit_entry where seq = 21',
    ]) {
      copyFileSync(`${database}.kept`, database);
      await tamper(statement);
      const alone = await audit('verify');
      // Without the entry that says so, only the archive can tell what was before.
      expect([statement, alone.code]).toEqual([statement, 1]);
    }
  });

  it('removes nothing where the log is broken, the day is none, nothing is old enough, or the file exists', async () => {
    const refused = async (...args: readonly string[]) => (await audit('archive', ...args)).err;
    expect(await refused(file, '--before', '2026-02-30')).toContain(
      'Write the day of --before like 2027-03-31.',
    );
    expect(await refused(file, '--before', '2020-01-01')).toContain('there is nothing to archive');
    expect(await refused('-', '--before', '2027-01-01')).toContain('name a file');
    writeFileSync(file, 'mine');
    expect(await refused(file, '--before', '2027-01-01')).toContain('already exists');
    await tamper("update audit_entry set provider = 'x' where seq = 3");
    const other = join(folder.path, 'other.jsonl');
    expect(await refused(other, '--before', '2027-01-01')).toContain('The audit log is broken at entry 3');
    expect(existsSync(other)).toBe(false);
    const stores = await openStores({
      url: `sqlite:${database}`,
      keys: keyRing('k'),
      clock: new TestClock(),
    });
    expect(await stores.audit.since({}, { after: 0, limit: 100 })).toHaveLength(40);
    await stores.close();
  });

  it('cuts nothing where the log is not what was archived', async () => {
    const stores = await openStores({
      url: `sqlite:${database}`,
      keys: keyRing('k'),
      clock: new TestClock(),
    });
    const part = await stores.audit.before(FIRST + DAY);
    expect(part).toEqual({ first: 1, last: 10, head: heads[9] });
    const event = { action: 'audit.archived', by: { kind: 'system' }, outcome: 'done' } as const;
    for (const wrong of [{ head: heads[8] ?? '' }, { first: 2 }, { last: 9 }])
      await expect(
        stores.audit.cut({ first: 1, last: 10, head: heads[9] ?? '', ...wrong }, event, FIRST),
      ).rejects.toThrow('Nothing was removed');
    expect(await stores.audit.since({}, { after: 0, limit: 100 })).toHaveLength(40);
    await stores.close();
  });

  it('can take the whole log, of which the entry that says so is left', async () => {
    expect((await archive(file, '2030-01-01')).code).toBe(0);
    const { out } = await audit('verify', '--archive', file);
    expect(out).toContain('The audit log is intact: 1 entries after 40 that were archived.');
  });
});
