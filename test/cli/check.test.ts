import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { check } from '../../src/cli/check.js';
import { ROOT, rootWith } from '../support/test-server.js';
import { KEY, loopback, openFolder, start } from './command-line.js';
import { commandsIn } from './in-process.js';

const folder = openFolder();
afterAll(() => folder.remove());
const env = { ORIEL_KEY: KEY };
// The process that is started below checks all gadgets that come with the program; here one of them is enough.
const root = rootWith('mingle-cards');
const run = commandsIn({ cwd: folder.path, env, root });

describe('oriel check', () => {
  it('prints what was understood, secrets starred, and opens nothing', async () => {
    folder.write('oriel.yaml', loopback(3000));
    const { code, out, err } = await start(['check'], { cwd: folder.path, env }).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const reported of [
      'is valid',
      'http://127.0.0.1:3000',
      'k1 seals',
      'mingle-cards',
      'HS256, secret ***',
      'http://localhost:3000/connect/callback/mingle',
    ]) {
      expect(out).toContain(reported);
    }
    expect(out).not.toContain('canary');
    expect(out).not.toContain(KEY.slice(3));
    expect(existsSync(join(folder.path, 'oriel.db'))).toBe(false);
  });

  it('says what gadgets mean and send by the providers that a host has play their roles', async () => {
    const data = loopback(3000);
    const { mingle } = data.providers;
    mkdirSync(join(folder.path, 'more/pair'), { recursive: true });
    folder.write('more/pair/gadget.yaml', {
      ...{ title: 'Pair', description: 'Cards of changes.', parameters: {} },
      requests: {
        changes: { provider: 'gocd', path: '/changes', format: 'json' },
        cards: {
          ...{ provider: 'mingle', path: '/cards', format: 'json', query: { number: '{number}' } },
          given: { number: { from: 'changes', take: 'number', type: 'integer' } },
        },
      },
    });
    folder.write('more/pair/view.njk', '<p>{{ answers.cards.data }}</p>');
    const bound = (providers: Readonly<Record<string, string>>) => ({
      ...{ ...data, gadgets: ['./more'] },
      providers: { mingle, builds: { ...mingle, name: 'Our builds', url: 'http://localhost:3' } },
      hosts: {
        gocd: {
          ...data.hosts.gocd,
          gadgets: { ours: { gadget: 'pair', providers } },
          providers: ['mingle', 'builds'],
        },
      },
    });
    const file = folder.write('bound.yaml', bound({ gocd: 'builds' }));
    const { code, out, err } = await run('check', '--config', file);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('ours (pair, builds as gocd)');
    expect(out).toContain('Gadget gocd/ours\n  Numbers from Our builds are sent to mingle.');
    const wrong = await run('check', '--config', folder.write('unbound.yaml', bound({ jenkins: 'builds' })));
    expect(wrong.code).not.toBe(0);
    const said = wrong.out + wrong.err;
    expect(said).toContain('hosts.gocd.gadgets.ours.providers.jenkins');
    expect(said).toContain('the gadget “ours” uses the provider “gocd”, which this host may not use');
  });

  it('shows every address that Oriel will use, also those of presets', async () => {
    const data = loopback(3000);
    const { mingle } = data.providers;
    const at = (name: string) => `https://${name}.example.com/of`;
    const providers = {
      mingle,
      all: {
        preset: 'oauth2',
        issuer: at('issuer'),
        authorizationEndpoint: at('authorization'),
        tokenEndpoint: at('token'),
        revocationEndpoint: at('revocation'),
        api: at('api'),
        account: { target: '/who?am=i', id: 'id', label: 'login' },
        accountPage: at('account-page'),
        client: mingle.client,
      },
      discovered: { preset: 'oauth2', issuer: at('discovered'), api: at('other-api'), client: mingle.client },
    };
    const wiki = {
      ...data.hosts.gocd,
      origins: ['https://wiki.example.com', 'https://wiki.example.org'],
      key: { algorithms: ['ES256'], jwks: at('jwks') },
      connect: { mode: 'reauth', url: 'https://wiki.example.com/connect' },
    };
    const file = folder.write('addresses.yaml', {
      ...{ ...data, providers, hosts: { gocd: data.hosts.gocd, wiki } },
      outgoingProxy: 'http://proxy.example.com:3128',
    });
    const { config, faults } = JSON.parse((await run('check', '--json', '-c', file)).out);
    expect(faults).toEqual([]);
    const addresses = new Set<string>();
    JSON.stringify(config, (_, value) => {
      if (typeof value === 'string' && /^https?:/.test(value)) addresses.add(value);
      return value;
    });
    expect(addresses.size).toBeGreaterThan(15);
    const { out } = await run('check', '-c', file);
    expect([...addresses].filter((address) => !out.includes(address))).toEqual([]);
    for (const made of [
      `${at('api')}/who?am=i`,
      `from the metadata of ${at('discovered')}`,
      'http://localhost:3000/connect/callback/discovered',
    ])
      expect(out).toContain(made);
  });

  it('prints the same for programs, without the secrets', async () => {
    const file = folder.write('json.yaml', loopback(3000));
    const { code, out } = await run('check', '--json', '--config', file);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      faults: [],
      config: { file, hosts: [{ id: 'gocd' }] },
    });
    expect(out).not.toContain('canary');
    expect(out).not.toContain(KEY.slice(3));
  });

  it('ends with 1 and every fault on standard error', async () => {
    const file = folder.write('wrong.yaml', { ...loopback(3000), logLevel: 'loud', maxStale: -1, frob: 1 });
    const { code, out, err } = await run('check', '-c', file);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('The configuration has 3 mistakes');
    for (const path of ['logLevel', 'maxStale', 'frob']) expect(err).toContain(` ${path}: `);
    expect(err).not.toMatch(/\n {4}at /);
  });

  it('ends with 1 and every fault as JSON for programs', async () => {
    const file = folder.write('wrong.yaml', { ...loopback(3000), logLevel: 'loud' });
    const { code, out } = await run('check', '--json', '-c', file);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      config: null,
      faults: [{ file, path: 'logLevel', line: expect.any(Number), example: 'info' }],
    });
  });

  it('finds a gadget that no folder has', async () => {
    const data = loopback(3000);
    const hosts = { gocd: { ...data.hosts.gocd, gadgets: ['mingle-crads'] } };
    const { code, err } = await run('check', '-c', folder.write('gadget.yaml', { ...data, hosts }));
    expect(code).toBe(1);
    expect(err).toContain('hosts.gocd.gadgets[0]: there is no gadget “mingle-crads”');
  });

  it('says how to name a configuration where there is none', async () => {
    const { code, err } = await commandsIn({ cwd: '/', env, root })('check');
    expect(code).toBe(1);
    expect(err).toContain('/oriel.yaml: there is no such file');
    expect(err).toContain('--config FILE');
  });
});

describe('oriel check beside what the console made', () => {
  const wiki = () =>
    folder.write('wiki.yaml', {
      preset: 'mingle',
      url: 'http://localhost:4',
      client: { id: 'oriel', secret: `\${ORIEL_KEY}` },
    });
  const beside = (name: string, changed: Readonly<Record<string, unknown>> = {}) =>
    folder.write(`${name}.yaml`, { ...loopback(3000), database: 'sqlite:./beside.db', ...changed });

  it('finds there what the file names, and only there', async () => {
    const data = loopback(3000);
    const hosts = { gocd: { ...data.hosts.gocd, providers: ['mingle', 'wiki'] } };
    expect((await run('check', '-c', beside('named', { hosts }))).code).toBe(1);
    await folder.makeDatabase('beside.db');
    await run('provider', 'add', 'wiki', '-f', wiki(), '-c', beside('first'));
    expect(await run('check', '-c', beside('named', { hosts }))).toMatchObject({ code: 0, err: '' });
    const more = { gocd: { ...data.hosts.gocd, providers: ['mingle', 'wiki', 'wikki'] } };
    const { code, err } = await run('check', '-c', beside('named', { hosts: more }));
    expect({ code, wrong: err.includes('wikki') }).toEqual({ code: 1, wrong: true });
  });

  it('finds what both declare, as `serve` would', async () => {
    const { providers: ours } = loopback(3000);
    const providers = { ...ours, wiki: { ...loopback(3000).providers.mingle, url: 'http://localhost:5' } };
    const { code, err } = await run('check', '-c', beside('both', { providers }));
    expect(code).toBe(1);
    expect(err).toContain('providers.wiki: the provider wiki is declared both here and in the console');
  });

  it('ends with 1 where no key of the ring opens anything, and says so of a provider that is tried', async () => {
    const other = `k1:${Buffer.alloc(32, 9).toString('base64url')}`;
    const lost = (...args: string[]) =>
      commandsIn({ cwd: folder.path, env: { ORIEL_KEY: other }, root })(...args, '-c', beside('first'));
    const { code, err } = await lost('check');
    expect({ code, reported: err.includes('no key of this ring opens anything in the database') }).toEqual({
      code: 1,
      reported: true,
    });
    expect(await lost('provider', 'test', 'wiki')).toMatchObject({
      code: 1,
      err: expect.stringContaining('No key of the key ring opens the provider wiki'),
    });
  });

  it('reports the faults of file, gadgets, references and database in one round', async () => {
    const data = loopback(3000);
    mkdirSync(join(folder.path, 'mine', 'broken'), { recursive: true });
    folder.write('mine/broken/gadget.yaml', 'title: Broken\nproviders: [mingle]\nrequests: {}\n');
    folder.write('mine/broken/view.njk', '{% if %}');
    const file = folder.write('all.yaml', {
      ...{ ...data, logLevel: 'loud', gadgets: ['./mine', './none'], database: 'sqlite:./nowhere/oriel.db' },
      hosts: { gocd: { ...data.hosts.gocd, gadgets: ['mingle-cards'], providers: [] } },
    });
    const { code, err } = await run('check', '-c', file);
    expect(code).toBe(1);
    for (const reported of ['logLevel', 'none: this folder cannot be read', 'There is no folder', 'broken/'])
      expect(err).toContain(reported);
  });

  it('finds a view that does not compile, and the line of a mistake in an entry’s own file', async () => {
    mkdirSync(join(folder.path, 'views', 'cards'), { recursive: true });
    for (const name of ['gadget.yaml', 'view.njk'])
      folder.write(`views/cards/${name}`, readFileSync(join('gadgets/mingle-cards', name), 'utf8'));
    folder.write('views/cards/view.njk', '{% for card in %}');
    const { code, err } = await run('check', '-c', beside('views', { gadgets: ['./views'] }));
    expect(code).toBe(1);
    expect(err).toContain('views/cards/view.njk:1:1: the block "for" is not ended.');
    const entry = folder.write('faulty.yaml', 'preset: mingle\nurl: http://localhost:4\nfrob: 1\n');
    expect((await run('provider', 'add', 'x', '-f', entry, '-c', beside('first'))).err).toContain(
      `${entry}:3 frob: this key is not known here`,
    );
  });

  it('finds in a gadget all that oriel gadget check finds, with line, column, excerpt and what to write', async () => {
    mkdirSync(join(folder.path, 'deep', 'cards'), { recursive: true });
    const definition = readFileSync('gadgets/mingle-cards/gadget.yaml', 'utf8');
    folder.write('deep/cards/gadget.yaml', definition);
    folder.write('deep/cards/view.njk', '<p>{{ answers.cards.data | tiem }}{{ parameters.limt }}</p>\n');
    const { code, err } = await run('check', '-c', beside('deep', { gadgets: ['./deep'] }));
    expect(code).toBe(1);
    expect(err).toContain('cards/view.njk:1:28: there is no filter "tiem".');
    expect(err).toMatch(
      /1 \| <p>\{\{ answers\.cards\.data \| tiem .*\n +\^\^\^\^\n {4}expected: .*\n {4}example: {2}time/,
    );
    expect(err).toContain('cards/view.njk:1:49: the gadget has no parameter "limt".');
    const { faults } = JSON.parse(
      (await run('check', '--json', '-c', beside('deep', { gadgets: ['./deep'] }))).out,
    );
    expect(faults).toContainEqual(expect.objectContaining({ line: 1, column: 28, example: 'time' }));
  });

  it.each<readonly [string, (root: string) => void, RegExp]>([
    ['no templates', (root) => rmSync(join(root, 'templates'), { recursive: true }), /templates/],
    [
      'a template missing that another one includes',
      (root) => rmSync(join(root, 'templates/connect/ask-host-body.njk')),
      /connect\/ask-host-body\.njk.*there is no such file/,
    ],
    [
      'a missing page that everything needs',
      (root) => rmSync(join(root, 'templates/frame/refusal.njk')),
      /frame\/refusal\.njk.*there is no such file/,
    ],
    [
      'a template that does not compile',
      (root) => writeFileSync(join(root, 'templates/site/home.njk'), '{% if %}'),
      /site\/home\.njk/,
    ],
    ['no styles', (root) => rmSync(join(root, 'dist/browser/frame.css')), /scripts or styles/],
    ['no scripts', (root) => rmSync(join(root, 'dist'), { recursive: true }), /scripts or styles/],
  ])('ends with 1 where Oriel itself has %s', async (_, damage, reported) => {
    const root = mkdtempSync(join(folder.path, 'root-'));
    // One gadget: those that come with the program are checked above, and what is wrong here is no gadget's.
    for (const part of ['templates', 'gadgets/mingle-cards'])
      cpSync(part, join(root, part), { recursive: true });
    mkdirSync(join(root, 'dist'));
    cpSync('dist/browser', join(root, 'dist/browser'), { recursive: true });
    const file = join(root, 'oriel.yaml');
    writeFileSync(file, stringify({ ...loopback(3000), keys: [KEY] }));
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    await check(file, root, true);
    expect(JSON.parse(String(log.mock.lastCall?.[0]))).toMatchObject({ ok: true, faults: [] });
    damage(root);
    await expect(check(file, root, false)).rejects.toThrow(reported);
    log.mockRestore();
  });

  it('tries a gadget that comes with the program where it is not as it was built, or the templates around it are not', async () => {
    const copy = mkdtempSync(join(folder.path, 'built-'));
    const isProgram = (path: string): boolean => !/\.map$|dist\/(?:bench|test|demo)$/.test(path);
    cpSync('dist', join(copy, 'dist'), { recursive: true, filter: isProgram });
    for (const part of ['templates', 'gadgets/mingle-cards', 'package.json'])
      cpSync(part, join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    writeFileSync(join(copy, 'oriel.yaml'), stringify(loopback(3000)));
    const checked = () => start(['check'], { cwd: copy, env, main: join(copy, 'dist/main.js') }).ended;
    const [own, shared] = ['gadgets/mingle-cards/view.njk', 'templates/site/home.njk'].map((file) => {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      return { path, text };
    });
    if (own === undefined || shared === undefined) throw new Error('there is nothing to change');
    // A sample is no part of what is served: by what is wrong with it is seen whether the gadget was tried.
    writeFileSync(join(copy, 'gadgets/mingle-cards/sample.json'), '{');
    expect(await checked()).toMatchObject({ code: 0, err: '' });
    writeFileSync(own.path, `${own.text}{{ parameters.nmae }}`);
    expect((await checked()).err).toMatch(
      /no parameter "nmae"[\s\S]*sample\.json: this sample cannot be used/,
    );
    writeFileSync(own.path, own.text);
    writeFileSync(shared.path, `${shared.text}\n`);
    expect((await checked()).err).toContain('sample.json: this sample cannot be used');
  });

  it('hints at quotes for a variable without them', async () => {
    const file = folder.write('unquoted.yaml', `listen: { port: \${PORT} }\n`);
    const { code, err } = await run('check', '-c', file);
    expect(code).toBe(1);
    expect(err).toContain(`unquoted.yaml:1: \${PORT} stands here without quotes`);
    expect(err.match(/unquoted\.yaml:1/g)).toHaveLength(1);
  });
});

describe('oriel keys new', () => {
  it('prints one key alone, another each time, that the configuration takes', async () => {
    const [first, second] = [await run('keys', 'new'), await run('keys', 'new')];
    expect(first.out).toMatch(/^[\w-]{1,32}:[\w-]{43}\n$/);
    expect(second.out).not.toBe(first.out);
    expect(first.err).toContain('ORIEL_KEY');
    folder.write('oriel.yaml', loopback(3000));
    const checked = await commandsIn({
      ...{ cwd: folder.path, root },
      env: { ORIEL_KEY: first.out.trim() },
    })('check');
    expect(checked.code).toBe(0);
  });
});
