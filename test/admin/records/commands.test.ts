import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { KEY, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';

const folder = openFolder();
const env = { ORIEL_KEY: KEY, WIKI_SECRET: 'canary-secret-of-the-wiki-1234' };
afterAll(() => folder.remove());

let files = 0;
let file: string;
const run = (...args: string[]) => commandsIn({ cwd: folder.path, env })(...args, '-c', file);
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);

beforeEach(async () => {
  files += 1;
  await folder.makeDatabase(`${files}.db`);
  file = folder.write(`${files}.yaml`, { ...loopback(3000), database: `sqlite:./${files}.db` });
});

const entry = () =>
  folder.write('wiki.yaml', {
    preset: 'mingle',
    url: 'http://localhost:4',
    client: { id: 'oriel', secret: `\${WIKI_SECRET}` },
  });

describe('oriel provider and oriel host', () => {
  it('create a record from a file with its variables replaced, and show it with the secret masked', async () => {
    const made = await run('provider', 'add', 'wiki', '--file', entry(), '--set', 'name=The wiki');
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toContain('http://localhost:3000/connect/callback/wiki');
    const shown = await run('provider', 'show', 'wiki');
    expect(shown.out).toContain('name: The wiki');
    expect(shown.out).toContain('ending in 1234');
    const all = made.out + shown.out + (await run('provider', 'show', 'wiki', '--json')).out;
    const log = await run('audit', 'list', '--json');
    expect(log.out).toContain('provider.created');
    expect(all + log.out).not.toContain('canary');
  });

  it('name what cannot be read: a file that is not there, an argument', async () => {
    const missing = await run('provider', 'add', 'wiki', '--file', 'nowhere.yaml');
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toMatch(/^nowhere\.yaml: there is no such file\.\n {4}expected: /);
    const argument = await run('provider', 'add', 'wiki', '--set', `client=\${NOWHERE}`);
    expect(argument.err).toMatch(/^--set client: the environment has no variable NOWHERE\.\n/);
  });

  it('generate the secret that a host signs with, and show it once', async () => {
    const portal = folder.write('portal.yaml', { name: 'Portal', origins: ['http://localhost:5'] });
    const first = await json('host', 'add', 'portal', '-f', portal, '--new-secret');
    expect(first).toMatchObject({
      record: { id: 'portal', version: 1 },
      secret: expect.stringMatching(/^[\w-]{43}$/),
    });
    const { out } = await run('host', 'new-secret', 'portal');
    const second = /shown only once: ([\w-]{43})$/m.exec(out)?.[1] ?? '';
    const { entry } = await json('host', 'show', 'portal');
    expect(entry).toMatchObject({ name: 'Portal', key: { secret: { ends: second.slice(-4) } } });
    expect(second).not.toBe(first.secret);
    expect(await run('host', 'new-secret', 'portal', '--from', '1')).toMatchObject({ code: 1, out: '' });
    const log = await run('audit', 'list', '--json');
    expect([first.secret, second].filter((secret) => log.out.includes(secret))).toEqual([]);
    expect((await run('host', 'new-secret', 'gocd')).err).toContain('declared in the configuration file');
  });

  it('list what file and console declare', async () => {
    await run('provider', 'add', 'wiki', '-f', entry());
    expect((await run('provider', 'list')).out).toBe(
      ['mingle  mingle  file', 'wiki    wiki    console, version 1', ''].join('\n'),
    );
    expect(await json('host', 'list')).toMatchObject({
      items: [{ id: 'gocd', origin: 'file', version: null }],
    });
  });

  it('change single keys, keep the secret, and take what `show` gave back', async () => {
    await run('provider', 'add', 'wiki', '-f', entry());
    const before = await json('provider', 'show', 'wiki');
    expect(await run('provider', 'edit', 'wiki', '-s', 'scopes=[read, write]', '-s', 'name=W')).toMatchObject(
      { code: 0 },
    );
    const changed = await json('provider', 'show', 'wiki');
    expect(changed).toMatchObject({ version: 2, name: 'W', entry: { scopes: ['read', 'write'] } });
    expect(changed.entry.client).toEqual(before.entry.client);
    const back = folder.write('back.json', JSON.stringify(before.entry));
    expect(await run('provider', 'edit', 'wiki', '-f', back, '--from', '1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Someone else changed the provider wiki in the meantime.'),
    });
    expect(await json('provider', 'edit', 'wiki', '-f', back, '--from', '2')).toMatchObject({
      version: 3,
      entry: before.entry,
    });
    expect((await json('provider', 'edit', 'wiki', '-u', 'preset')).code).toBe('record_invalid');
  });

  it('report every mistake as oriel check does, and to programs by path', async () => {
    const wrong = ['host', 'add', 'portal', '-s', 'origins=[http://portal.example.com]', '-s', 'frob=1'];
    const { code, out, err } = await run(...wrong);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('This cannot be saved: there are 3 mistakes.');
    expect(err).toContain('hosts.portal.origins[0]: plain http is allowed on loopback only.');
    expect(err).not.toMatch(/\n {4}at /);
    const answer = await json(...wrong);
    expect(answer).toMatchObject({ ok: false, code: 'record_invalid' });
    expect(answer.faults.map(({ path }: { path: string }) => path)).toEqual([
      'hosts.portal.origins[0]',
      'hosts.portal.key',
      'hosts.portal.frob',
    ]);
  });

  it('refuse a secret on the command line, where others could see it', async () => {
    await run('provider', 'add', 'wiki', '-f', entry());
    const literal = 'canary-literal-secret';
    for (const assignment of [
      `client.secret=${literal}`,
      `client={id: oriel, secret: ${literal}}`,
      `clients.gocd.secret=${literal}`,
    ]) {
      const { code, out, err } = await run('provider', 'edit', 'wiki', '--set', assignment);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('Don’t put a secret on the command line');
      expect(err).not.toContain(literal);
    }
    expect((await run('host', 'add', 'x', '-s', `key.secret=${literal}`)).err).toContain('key.secret=');
    const named = await run('provider', 'edit', 'wiki', '-s', `client.secret=\${WIKI_SECRET}`);
    expect(named).toMatchObject({ code: 0, err: '' });
  });

  it('remove what the console made, and nothing that the file declares', async () => {
    await run('provider', 'add', 'wiki', '-f', entry());
    expect(await run('provider', 'remove', 'wiki')).toMatchObject({
      code: 0,
      out: 'Removed wiki. No one was connected.\n',
    });
    expect(await json('provider', 'remove', 'mingle')).toMatchObject({ ok: false, code: 'record_in_file' });
    expect((await run('provider', 'remove', 'nothing')).err).toBe('There is no provider nothing.\n');
  });

  it('create the provider that a host of the file needs', async () => {
    const data = loopback(3000);
    const hosts = { gocd: { ...data.hosts.gocd, providers: ['mingle', 'wiki'] } };
    file = folder.write(`${files}.yaml`, { ...data, hosts, database: `sqlite:./${files}.db` });
    expect(await run('provider', 'add', 'wiki', '-f', entry())).toMatchObject({ code: 0, err: '' });
  });
});
