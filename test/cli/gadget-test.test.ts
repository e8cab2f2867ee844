import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ownChromium } from '../support/browser.js';
import { openFolder } from './command-line.js';
import { commandsIn } from './in-process.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const folder = openFolder();
const run = commandsIn({ cwd: folder.path, env: {} });
afterAll(() => folder.remove());
const browser = ownChromium();

const write = (id: string, name: string, text: string): void => {
  mkdirSync(join(folder.path, id), { recursive: true });
  writeFileSync(join(folder.path, id, name), text);
};
const tested = async (id: string, ...flags: readonly string[]) => {
  const { code, out } = await run('gadget', 'test', id, '--json', ...flags);
  return { code, ...JSON.parse(out) };
};

describe('oriel gadget test', () => {
  it.each(['list', 'table', 'chart', 'two-providers'])(
    'passes for a new gadget of the pattern %s once its goldens are written',
    async (pattern) => {
      const id = `new-${pattern}`;
      await run('gadget', 'new', id, '--pattern', pattern);
      const first = await tested(id, '--no-browser');
      expect(first).toMatchObject({ code: 1, ok: false });
      expect(first.gadgets[0].failures.map(({ kind }: { kind: string }) => kind)).toEqual([
        'golden',
        'golden',
      ]);
      const updated = await run('gadget', 'test', id, '--update', '--no-browser');
      expect(updated).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringContaining('wrote golden/sample.html'),
      });
      const second = await run('gadget', 'test', id, '--no-browser');
      expect(second).toMatchObject({ code: 0, out: expect.stringContaining(`${id} passes: `) });
    },
  );

  it('names the first line in which a view differs from its golden, and a golden without sample', async () => {
    await run('gadget', 'new', 'changed', '--pattern', 'list');
    await run('gadget', 'test', 'changed', '--update', '--no-browser');
    write(
      'changed',
      'view.njk',
      readFileSync(join(folder.path, 'changed/view.njk'), 'utf8').replace(
        'title=issue.title',
        'title=issue.state',
      ),
    );
    write('changed/golden', 'sample-old.html', 'x');
    const { code, out } = await run('gadget', 'test', 'changed', '--no-browser');
    expect(code).toBe(1);
    expect(out).toMatch(/changed\/golden\/sample\.html:\d+: the view shows something else/);
    expect(out).toMatch(/golden: {3}.*The export is empty/);
    expect(out).toContain('golden/sample-old.html belongs to no sample');
    await run('gadget', 'test', 'changed', '--update', '--no-browser');
    expect(existsSync(join(folder.path, 'changed/golden/sample-old.html'))).toBe(false);
    expect((await tested('changed', '--no-browser')).code).toBe(0);
  });

  it('finds what a view shows of a value that is absent or null, each place once', async () => {
    await run('gadget', 'new', 'absent', '--pattern', 'list');
    const view = readFileSync(join(folder.path, 'absent/view.njk'), 'utf8');
    write('absent', 'view.njk', view.replace('title=issue.title', 'title="No. " + issue.number'));
    await run('gadget', 'test', 'absent', '--update', '--no-browser');
    const { code, gadgets } = await tested('absent', '--no-browser');
    expect(code).toBe(1);
    expect(gadgets[0].failures.map(({ text }: { text: string }) => text)).toEqual([
      [
        'absent/view.njk:4:23: shown with sample.json without issues: items[].number, it shows “undefined” in “Absent open # No. undefined A Ann Jan 15, 2026,”.',
        '     4 | {{ row(title="No. " + issue.number, href=issue.url, before="#" + (issue.number | text), lead=status(issue.stat',
        '                               ^^^^^^^^^^^^',
        '    expected: what may be absent goes through the filter "text" before + joins it to a text.',
        '    write:    (issue.number | text)',
      ].join('\n'),
    ]);
  });

  it('does not test what has mistakes, and says which', async () => {
    await run('gadget', 'new', 'faulty', '--pattern', 'list');
    write('faulty', 'view.njk', '{{ answers.issues.data | tiem }}');
    const { code, gadgets } = await tested('faulty', '--no-browser');
    expect(code).toBe(1);
    expect(gadgets[0].failures[0]).toMatchObject({ kind: 'check', text: expect.stringContaining('tiem') });
  });

  it('looks at every state with axe-core, and says what it finds', async () => {
    await run('gadget', 'new', 'seen', '--pattern', 'list');
    await run('gadget', 'test', 'seen', '--update', '--no-browser');
    expect(await run('gadget', 'test', 'seen', '--browser', browser)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('axe-core finds nothing, light and dark, at 280 and 900 px.'),
    });
    write(
      'seen',
      'view.njk',
      '{{ answers.issues.data.items | length }} in {{ parameters.project }}<img src="/x.png">',
    );
    await run('gadget', 'test', 'seen', '--update', '--no-browser');
    const { code, accessibility } = await tested('seen', '--browser', browser);
    expect(code).toBe(1);
    expect(accessibility.state).toBe('tested');
    expect(accessibility.failures[0].text).toMatch(/seen: content, light, 280 px: image-alt: .*\n.*<img/);
  });

  it('never passes in silence where there is no browser', async () => {
    await run('gadget', 'new', 'unseen', '--pattern', 'list');
    await run('gadget', 'test', 'unseen', '--update', '--no-browser');
    const gone = ['--browser', '/nowhere/chrome'];
    expect(await run('gadget', 'test', 'unseen', ...gone)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Accessibility was NOT tested: there is no browser at /nowhere/chrome'),
    });
    expect(await tested('unseen', ...gone)).toMatchObject({
      ...{ code: 2, ok: false },
      accessibility: { state: 'not-tested' },
    });
    expect(await tested('unseen', '--no-browser')).toMatchObject({
      ...{ code: 0, ok: true },
      accessibility: { state: 'left-out' },
    });
    // What is not a browser ends, and is named.
    expect(await run('gadget', 'test', 'unseen', '--browser', '/bin/true')).toMatchObject({
      code: 2,
      err: expect.stringContaining('/bin/true could not be used'),
    });
  });
});
