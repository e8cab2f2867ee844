import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { raw } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { openStores } from '../../../src/store/open-stores.js';
import { freePort, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { ada, keyRing, NOW } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

const folder = openFolder();
afterAll(() => folder.remove());

describe('oriel audit', () => {
  let servers = 0;
  let file: string;
  let head: string;
  const run = commandsIn({ cwd: folder.path });
  const audit = (...args: readonly string[]) => run('audit', ...args, '--config', `${servers}.yaml`);

  beforeEach(async () => {
    servers += 1;
    file = join(folder.path, `${servers}.db`);
    const key = keyRing('k')[0]?.key.reveal();
    const database = `sqlite:${file}`;
    folder.write(`${servers}.yaml`, { ...loopback(await freePort()), database, keys: [`k:${key}`] });
    const stores = await openStores({ url: database, keys: keyRing('k'), clock: new TestClock() });
    const by = { kind: 'admin', id: 'a1', name: 'Anna' } as const;
    await stores.audit.append({ action: 'provider.changed', by, outcome: 'done', provider: 'mingle' }, NOW);
    for (let n = 0; n < 60; n += 1)
      ({ hash: head } = await stores.audit.append(
        { action: 'flow.started', by: { kind: 'viewer', viewer: ada }, outcome: 'done', provider: 'mingle' },
        NOW,
      ));
    await stores.close();
  });

  it('lists the latest entries as sentences, and the older ones before those', async () => {
    const { code, out } = await audit('list');
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(51);
    expect(lines[0]).toMatch(
      /^ {5}61 {2}2027-01-15T08:00:00\.000Z {2}done {5}Viewer [\w-]{8} started to connect to mingle/,
    );
    const [, cursor = ''] = /^For older entries: --cursor (\S+)$/.exec(lines[50] ?? '') ?? [];
    expect((await audit('list', '--cursor', cursor)).out).toContain('Anna changed provider mingle');
    expect((await audit('list', '--outcome', 'failed')).out).toBe('No entries match.\n');
  });

  it('lists for programs, by every condition, and finds a viewer by the host’s name', async () => {
    const found = async (...args: readonly string[]) =>
      (JSON.parse((await audit('list', '--json', ...args)).out) as { items: unknown[] }).items.length;
    expect(await found('--action', 'provider', '--from', '2027-01-15', '--to', '2027-01-15')).toBe(1);
    expect(await found('--viewer', 'ada', '--host', 'gocd')).toBe(50);
    const unknown = await audit('list', '--viewer', 'bob', '--host', 'gocd');
    expect(unknown).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no such viewer in the log'),
    });
    expect(await audit('list', '--action', 'nonsense')).toMatchObject({ code: 1, out: '' });
    expect((await audit('list', '--cursor', '12.x')).err).toContain('This cursor is not valid');
  });

  it('exports into a new file of the owner’s, or to standard output, and is recorded in the log', async () => {
    const to = join(folder.path, `${servers}.jsonl`);
    expect(await audit('export', to)).toMatchObject({ code: 0, out: '', err: '' });
    expect(statSync(to).mode & 0o777).toBe(0o600);
    const lines = readFileSync(to, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(62);
    expect(JSON.parse(lines[61] ?? '')).toMatchObject({
      action: 'audit.exported',
      actor: { kind: 'command' },
    });
    expect(await audit('export', to)).toMatchObject({
      code: 1,
      out: '',
      err: `The file ${to} already exists. Use --overwrite to replace it.\n`,
    });
    expect((await audit('export', join(folder.path, 'none', 'x'))).err).toContain('no such file or folder');
    expect(
      (await audit('list', '--action', 'audit.exported')).out.match(/exported the audit log/g),
    ).toHaveLength(1);
    const other = `${to}.2`;
    expect((await audit('export', other, '--action', 'nonsense')).code).toBe(1);
    expect(existsSync(other)).toBe(false);
    expect(JSON.parse((await audit('export', other, '--json')).out)).toEqual({ file: other });
    const { out } = await audit('export', '-', '--action', 'provider');
    expect(JSON.parse(out)).toMatchObject({ action: 'provider.changed', actor: { name: 'Anna' } });
  });

  it('verifies the chain, and a hash that was kept', async () => {
    expect(await audit('verify')).toMatchObject({
      code: 0,
      out: `The audit log is intact: 61 entries.\nHead: ${head}\n`,
    });
    expect(await audit('verify', '--head', head)).toMatchObject({
      code: 0,
      out: expect.stringContaining('entry 61'),
    });
    const database = await openSqlite(file);
    await database.write(raw('delete from audit_entry where seq = 61'));
    const shortened = await audit('verify', '--head', head);
    expect(shortened.code).toBe(1);
    expect(shortened.out).toContain('is intact: 60 entries');
    expect(shortened.out).toContain('the log was shortened or rewritten');
    await database.write(raw("update audit_entry set actor_name = 'Berta' where seq = 1"));
    await database.close();
    const broken = await audit('verify', '--json');
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({ verdict: { intact: false, brokenAt: 1 } });
    expect((await audit('verify')).out).toContain('broken at entry 1: Entry 1 was changed');
  });
});
