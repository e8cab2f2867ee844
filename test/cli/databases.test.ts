import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.js';
import { statementFor } from '../../src/store/engine/migrate.js';
import { migrations } from '../../src/store/engine/migrations.js';
import { sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { rootWith } from '../support/test-server.js';
import { KEY, loopback, openFolder } from './command-line.js';
import { commandsIn, runHere } from './in-process.js';

const folder = openFolder();
beforeAll(() => {
  process.env.ORIEL_KEY = KEY;
});
afterAll(() => {
  delete process.env.ORIEL_KEY;
  folder.remove();
});

const ENTRY = ['-s', 'preset=mingle', '-s', 'url=http://localhost:4'];

/** Every command that uses the database of a configuration, with what it needs to be understood. */
const COMMANDS: readonly (readonly string[])[] = [
  ['overview'],
  ['server', 'list'],
  ['reload'],
  ['provider', 'list'],
  ['provider', 'show', 'mingle'],
  ['provider', 'add', 'wiki', ...ENTRY],
  ['provider', 'edit', 'wiki', ...ENTRY],
  ['provider', 'remove', 'wiki'],
  ['provider', 'test', 'mingle'],
  ['provider', 'trust', 'mingle', '--sha256', Array(32).fill('AA').join(':')],
  ['provider', 'retry'],
  ['host', 'list'],
  ['host', 'show', 'gocd'],
  ['host', 'add', 'wiki', '--new-secret'],
  ['host', 'edit', 'wiki', '-s', 'name=Wiki'],
  ['host', 'remove', 'wiki'],
  ['host', 'new-secret', 'wiki'],
  ['host', 'snippet', 'gocd'],
  ['keys', 'list'],
  ['keys', 'rotate'],
  ['backup', join(folder.path, 'a.backup')],
  ['audit', 'list'],
  ['audit', 'export', join(folder.path, 'audit.jsonl')],
  ['audit', 'verify'],
  ['audit', 'archive', join(folder.path, 'a.archive'), '--before', '2020-01-01'],
  ['admin', 'list'],
  ['admin', 'invite'],
  ['admin', 'reset', 'ann'],
  ['admin', 'remove', 'ann'],
  ['api-key', 'list'],
  ['api-key', 'create', 'x', '--scope', 'audit:read'],
  ['api-key', 'revoke', 'x'],
  ['connection', 'list'],
  ['connection', 'revoke', 'x'],
  ['connection', 'revoke-all', '--provider', 'mingle'],
  ['connection', 'bulk-disconnects'],
  ['connection', 'trouble'],
];

/** Those that make a database, look at one by themselves, or use none. */
const OTHERS = [
  'serve',
  'migrate',
  'database copy',
  'demo',
  'healthcheck',
  'check',
  'restore',
  'keys new',
  'gadget check',
  'gadget dev',
  'gadget new',
  'gadget record',
  'gadget test',
  'verify',
];

const namesOf = (command: Command, before: readonly string[] = []): readonly string[] => {
  const name = [...before, command.name()];
  return command.commands.length === 0
    ? [name.slice(1).join(' ')]
    : command.commands.flatMap((each) => namesOf(each, name));
};

const nameOf = ([first = '', second = '']: readonly string[]): string =>
  ['overview', 'reload', 'backup'].includes(first) ? first : `${first} ${second}`;

const withSchema = async (file: string, version: number): Promise<void> => {
  const database = await openSqlite(file);
  const [first = []] = migrations;
  for (const statement of [
    sql`create table migration (version bigint primary key)`,
    ...first.map((step) => statementFor(step, 'sqlite')),
    sql`insert into migration (version) values (${version})`,
  ])
    await database.write(statement);
  await database.close();
};

/** With the tables of the first schema only, though it says that it has the present one. */
const half = (file: string): Promise<void> => withSchema(file, migrations.length);

/** Of another product that counts its versions as we do. */
const ofAnother = async (file: string): Promise<void> => {
  const database = await openSqlite(file);
  await database.write(sql`create table migration (version bigint primary key)`);
  await database.write(sql`insert into migration (version) values (${migrations.length})`);
  await database.close();
};

const foreign = async (file: string): Promise<void> => {
  const database = await openSqlite(file);
  await database.write(sql`create table recipe (name text)`);
  await database.close();
};

/** What may stand where the database should be, and by what code and words a command says so. */
const STATES: readonly (readonly [
  name: string,
  make: (file: string) => void | Promise<void>,
  code: string,
  words: RegExp,
])[] = [
  ['none', () => undefined, 'database_not_made', /There is no database at .*serve/],
  ['empty', (file) => writeFileSync(file, ''), 'database_not_made', /is empty/],
  ['a-folder', (file) => mkdirSync(file), 'database_foreign', /is a folder/],
  [
    'junk',
    (file) => writeFileSync(file, 'a diary, not a database. '.repeat(50)),
    'database_foreign',
    /is not a database of Oriel/,
  ],
  ['foreign', foreign, 'database_foreign', /is not a database of Oriel/],
  ['half', half, 'database_foreign', /is no whole database of Oriel: it has no table \w+/],
  ['of-another', ofAnother, 'database_foreign', /is not a database of Oriel/],
  ['newer', (file) => withSchema(file, migrations.length + 1), 'database_newer', /newer schema/],
  ['older', (file) => withSchema(file, 1), 'database_older', /older schema/],
];

/** Everything about a path that a command could have changed. */
const traces = (path: string): unknown =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.db/.test(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const { mode, uid, gid } = statSync(file);
      return [entry.name, mode, uid, gid, createHash('sha256').update(readFileSync(file)).digest('hex')];
    });

describe('A command', () => {
  it('is in this table, or is known to use no database as it is', () => {
    const all = namesOf(program()).filter((name) => !OTHERS.includes(name));
    expect(COMMANDS.map(nameOf).toSorted()).toEqual(all.toSorted());
  });

  it.each(STATES)(
    'says in one sentence that the database is %s, and changes nothing',
    async (name, make, code, words) => {
      const file = join(folder.path, `${name}.db`);
      await make(file);
      const config = folder.write(`${name}.yaml`, { ...loopback(3000), database: `sqlite:${file}` });
      const before = traces(folder.path);
      const wrong: string[] = [];
      for (const command of COMMANDS) {
        const result = await runHere(...command, '-c', config);
        const isSentence =
          result.err.includes(file) && words.test(result.err) && result.err.trim().split('\n').length === 1;
        if (result.code !== 1 || result.out !== '' || !isSentence)
          wrong.push(`${command.join(' ')}: ${result.code} ${result.out}${result.err}`);
        const asked = await runHere(...command, '--json', '-c', config);
        const { ok, code: given } = JSON.parse(asked.out);
        if (ok !== false || given !== code || asked.code !== 1)
          wrong.push(`${command.join(' ')} --json: ${asked.out}`);
      }
      expect(wrong).toEqual([]);
      expect(traces(folder.path)).toEqual(before);
    },
  );

  it('says in one sentence that there is no folder for the database', async () => {
    const file = join(folder.path, 'nowhere', 'oriel.db');
    const config = folder.write('nowhere.yaml', { ...loopback(3000), database: `sqlite:${file}` });
    expect(await runHere('admin', 'list', '-c', config)).toEqual({
      code: 1,
      out: '',
      err: `There is no folder ${join(folder.path, 'nowhere')} for the database ${file}. Make it, or correct \`database\`.\n`,
    });
  });

  it.runIf(process.getuid?.() === 0)('run as root leaves every file to its owner', async () => {
    const home = join(folder.path, 'home');
    mkdirSync(home);
    await folder.makeDatabase('home/oriel.db');
    const file = join(home, 'oriel.db');
    for (const path of [home, file]) chownSync(path, 4711, 4711);
    const config = folder.write('home.yaml', { ...loopback(3000), database: `sqlite:${file}` });
    const owners: number[] = [];
    const open = await openSqlite(file, false);
    expect((await runHere('api-key', 'create', 'x', '--scope', 'audit:read', '-c', config)).code).toBe(0);
    for (const name of readdirSync(home)) owners.push(statSync(join(home, name)).uid);
    await open.close();
    expect(readdirSync(home)).toEqual(['oriel.db']);
    expect(statSync(file).uid).toBe(4711);
    expect(new Set(owners)).toEqual(new Set([4711]));
  });
});

describe('oriel check', () => {
  // It checks every gadget there is.
  const check = commandsIn({ root: rootWith('mingle-cards') });

  it.each([
    ...STATES.filter(([name]) => !['none', 'empty', 'older'].includes(name)).map(([name]) => name),
    'nowhere',
  ])('ends with 1 where the database is %s', async (name) => {
    const result = await check('check', '--json', '-c', join(folder.path, `${name}.yaml`));
    expect(result.code).toBe(1);
    expect(JSON.parse(result.out).faults).toMatchObject([
      { path: 'database', problem: expect.stringContaining('.db') },
    ]);
  });

  it('ends with 0 where a server would make the database, or bring it forward', async () => {
    for (const name of ['none', 'empty', 'older'])
      expect([name, (await check('check', '-c', join(folder.path, `${name}.yaml`))).code]).toEqual([name, 0]);
  });
});

describe('What was misunderstood', () => {
  it.each([
    ['frob'],
    ['provider', 'frob'],
    ['provider'],
    ['provider', 'show'],
    ['provider', 'list', '--frob'],
    ['provider', 'list', 'too', 'many'],
    ['connection', 'list', '--status'],
    ['api-key', 'create', 'x'],
    [],
  ])('is JSON for programs: oriel %s %s', async (...args) => {
    const { code, out, err } = await runHere(...args.filter((arg) => arg !== undefined), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, detail: expect.stringMatching(/\w/) });
    expect(err).toBe('');
  });

  it('is a sentence for people, and no command at all is the help', async () => {
    const wrong = await runHere('provdier', 'list');
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('Did you mean provider?') });
    for (const args of [[], ['provider']]) {
      const help = await runHere(...args);
      expect(help).toMatchObject({ code: 0, err: '', out: expect.stringContaining('Usage: oriel') });
    }
  });
});

describe('A name that matches nothing', () => {
  it.each([
    ['connection', 'revoke-all', '--provider', 'typo'],
    ['connection', 'revoke-all', '--host', 'typo'],
    ['connection', 'list', '--provider', 'typo'],
    ['connection', 'list', '--host', 'typo'],
    ['connection', 'revoke', 'typo'],
    ['provider', 'retry', 'typo'],
    ['provider', 'show', 'typo'],
    ['provider', 'remove', 'typo'],
    ['provider', 'test', 'typo'],
    ['provider', 'test', 'mingle', '--host', 'typo'],
    ['host', 'snippet', 'typo'],
    ['host', 'snippet', 'gocd', '--gadget', 'typo'],
    ['host', 'new-secret', 'typo'],
    ['audit', 'list', '--provider', 'typo'],
    ['audit', 'list', '--host', 'typo'],
    ['audit', 'list', '--by', 'typo'],
    ['audit', 'list', '--person', 'typo'],
    ['audit', 'list', '--action', 'typo'],
    ['audit', 'verify', '--head', 'typo'],
    ['admin', 'remove', 'typo'],
    ['api-key', 'revoke', 'typo'],
  ])('ends oriel %s %s %s with 1', async (...args) => {
    await folder.makeDatabase('names.db');
    const config = folder.write('names.yaml', { ...loopback(3000), database: 'sqlite:./names.db' });
    expect((await runHere(...args, '-c', config)).code).toBe(1);
  });
});
