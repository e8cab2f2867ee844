import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { freePort, KEY, loopback, openFolder, type Started, start } from './command-line.js';
import { commandsIn } from './in-process.js';

// Several processes, one after the other, each of which may wait for its turn on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = openFolder();
const env = { ORIEL_KEY: KEY };
const running: Started[] = [];
const run = commandsIn({ cwd: folder.path, env });
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
});
afterAll(() => folder.remove());

const DEFINITION = (title: string): string => `title: ${title}\ndescription: What there is.\n`;

/** A server whose own gadgets are in a folder of their own, and which its only host may show. */
const serve = async (name: string, gadgets: Readonly<Record<string, Readonly<Record<string, string>>>>) => {
  const write = (id: string, files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder.path, name, id, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  for (const [id, files] of Object.entries(gadgets)) write(id, files);
  const port = await freePort();
  const data = loopback(port);
  const gocd = { ...data.hosts.gocd, gadgets: ['mingle-cards', ...Object.keys(gadgets)] };
  const file = folder.write(`${name}.yaml`, {
    ...{ ...data, gadgets: [`./${name}`], database: `sqlite:./${name}.db` },
    hosts: { gocd },
  });
  const server = start(['serve', '--config', file], { cwd: folder.path, env });
  running.push(server);
  await server.saying('"msg":"ready"');
  const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
  return {
    file,
    server,
    write,
    remove: (id: string) => rmSync(join(folder.path, name, id), { recursive: true }),
    reload: () => run('reload', '--config', file),
    ready: async (): Promise<unknown> => (await fetch(at('/readyz'))).json(),
    /** The title of a gadget's page; null where it is not served. */
    title: async (id: string): Promise<string | null> => {
      const answer = await fetch(at(`/h/gocd/g/${id}`));
      return answer.ok ? (/<title>([^<]*)/.exec(await answer.text())?.[1] ?? '') : null;
    },
  };
};

const good = (title: string) => ({ 'gadget.yaml': DEFINITION(title), 'view.njk': '<p>{{ 1 }}</p>' });

describe('A gadget with mistakes', () => {
  it('stops neither the server nor other gadgets: it is left out, and named in log, /readyz and console', async () => {
    const app = await serve('left', {
      fine: good('Fine'),
      unended: { ...good('Unended'), 'view.njk': '{% if parameters.x %}<p>never ended</p>\n' },
      lost: { ...good('Lost'), 'view.njk': '{% include "./none.njk" %}' },
      formless: { ...good('Formless'), 'gadget.yaml': 'title: Formless\nrequest: {}\n' },
    });
    expect([await app.title('fine'), await app.title('mingle-cards')]).toEqual([
      expect.stringContaining('Fine'),
      expect.stringContaining('Cards'),
    ]);
    for (const id of ['unended', 'lost', 'formless']) expect(await app.title(id)).toBeNull();
    expect(await app.ready()).toMatchObject({
      status: 'ready',
      gadgets: expect.arrayContaining(
        ['formless', 'lost', 'unended'].map((id) => ({ id, state: 'left-out' })),
      ),
    });
    await app.server.saying('"event":"gadget-faulty","gadget":"unended"');
    const overview = await run('overview', '--config', app.file);
    expect(overview.out).toContain('The gadget lost has mistakes and is left out: no one can see it.');
    expect(overview.out).toContain('there is no template "./none.njk"');
  });

  it('is served once it is corrected and reloaded, and new, changed and removed gadgets are taken as well', async () => {
    const app = await serve('corrected', {
      one: good('One'),
      two: { ...good('Two'), 'view.njk': '{% if %}' },
    });
    app.write('one', good('First'));
    app.write('two', good('Second'));
    app.write('three', good('Third'));
    expect(await app.reload()).toMatchObject({ code: 0, err: '' });
    expect([await app.title('one'), await app.title('two')]).toEqual([
      expect.stringContaining('First'),
      expect.stringContaining('Second'),
    ]);
    expect(await app.ready()).toEqual({ status: 'ready', version: expect.any(String) });
    const log = await run('audit', 'list', '--config', app.file, '--action', 'configuration', '--json');
    for (const id of ['one', 'two', 'three']) expect(log.out).toContain(`gadgets.${id}`);
    // A host of the file still names it: the whole is refused, and everything stays.
    app.remove('one');
    const refused = await app.reload();
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('there is no gadget “one”');
    expect(await app.title('one')).toContain('First');
  });

  it('keeps its last good version when a reload finds it bad, and says so', async () => {
    const app = await serve('kept', { one: good('One'), two: good('Two') });
    app.write('one', { 'view.njk': '<p>{{ 1 | }}</p>', 'gadget.yaml': DEFINITION('Broken') });
    app.write('two', good('Other'));
    const { code, out } = await app.reload();
    expect(code).toBe(1);
    expect(out).toContain(
      'The gadget one has mistakes, so its last version without mistakes is still served',
    );
    expect(out).toContain('one/view.njk');
    expect([await app.title('one'), await app.title('two')]).toEqual([
      expect.stringContaining('One'),
      expect.stringContaining('Other'),
    ]);
    expect(await app.ready()).toMatchObject({
      status: 'ready',
      gadgets: [{ id: 'one', state: 'last-good' }],
    });
    const again = await app.reload();
    expect(again.out).toContain('its last version without mistakes is still served');
    expect(await app.title('one')).toContain('One');
    app.write('one', good('Fixed'));
    expect(await app.reload()).toMatchObject({ code: 0 });
    expect(await app.title('one')).toContain('Fixed');
  });
});
