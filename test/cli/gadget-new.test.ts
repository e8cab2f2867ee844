import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { makeGadget } from '../../src/cli/workshop/new-gadget.js';
import { openFolder, start } from './command-line.js';
import { commandsIn } from './in-process.js';

vi.setConfig({ testTimeout: 60_000 });

const folder = openFolder();
const run = commandsIn({ cwd: folder.path, env: {} });
afterAll(() => folder.remove());

const text = (...path: readonly string[]): string => readFileSync(join(folder.path, ...path), 'utf8');

/** A terminal at which these lines are typed, each when the question before it was answered. */
const terminal = (...lines: readonly string[]): NodeJS.ReadStream => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const left = [...lines];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((asked) => {
    if (String(asked).endsWith(': ')) {
      const line = left.shift();
      if (line === undefined) stderr.mockRestore();
      else queueMicrotask(() => input.write(`${line}\n`));
    }
    return true;
  });
  return input as unknown as NodeJS.ReadStream;
};

describe('oriel gadget new', () => {
  it.each(['list', 'table', 'chart', 'two-providers'])(
    'makes a gadget from the pattern %s that passes the check',
    async (pattern) => {
      const id = `my-${pattern}`;
      const made = await run(
        'gadget',
        'new',
        id,
        '--pattern',
        pattern,
        '--title',
        'Ann’s: "own"',
        '--provider',
        'github',
      );
      expect(made).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringContaining(`Made ${id} with gadget.yaml`),
      });
      const flows = pattern === 'two-providers' ? 'Numbers from github are sent to issues.\n' : '';
      const checked = await run('gadget', 'check', id);
      expect(checked).toEqual({
        code: 0,
        err: '',
        out: `${id} has no mistakes. It was tried with 2 samples.\n${flows}`,
      });
      expect(text(id, 'gadget.yaml')).toContain('provider: github');
      expect(text(id, 'gadget.yaml')).toContain('title: "Ann’s: \\"own\\""');
    },
  );

  it('asks at a terminal for what was not given', async () => {
    const into = join(folder.path, 'asked');
    const made = await makeGadget(undefined, { into }, terminal('late-builds', 'table', 'Late builds', ''));
    vi.restoreAllMocks();
    expect(made.folder).toBe(join(into, 'late-builds'));
    expect(text('asked', 'late-builds', 'gadget.yaml')).toContain('title: "Late builds"');
    expect(text('asked', 'late-builds', 'gadget.yaml')).toContain('provider: tracker');
  });

  it.each([
    [['Open Issues'], 'can’t be the name of a gadget'],
    [['open', '--pattern', 'pie'], 'Choose one of list, table, chart, two-providers.'],
    [['open', '--provider', '../x'], 'can’t be the id of a provider'],
    [['there'], 'there is there already'],
    [[], 'Name the gadget'],
  ])('refuses %j, and writes nothing', async (args, problem) => {
    mkdirSync(join(folder.path, 'there'), { recursive: true });
    const before = readdirSync(folder.path);
    const failed = await run('gadget', 'new', ...args);
    expect(failed).toMatchObject({ code: 1, err: expect.stringContaining(problem) });
    expect(readdirSync(folder.path)).toEqual(before);
    expect(readdirSync(join(folder.path, 'there'))).toEqual([]);
  });

  it('runs as a process of its own that asks nothing where no one is at a terminal', async () => {
    const { code, out } = await start(['gadget', 'new', 'by-a-program', '--json'], { cwd: folder.path })
      .ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      folder: 'by-a-program',
      files: ['gadget.yaml', 'view.njk', 'sample.json', 'sample-empty.json'],
    });
    expect(text('by-a-program', 'gadget.yaml')).toContain('title: "By a program"');
  });
});
