import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSuiteFolder } from './suite-folder.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'suites-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe('The temporary folder of a run of the tests', () => {
  it('is where the tests of this very run keep what is temporary', () => {
    expect(basename(tmpdir())).toMatch(/^oriel-tests-\d+-/);
    expect(basename(dirname(parent))).toBe(basename(tmpdir()));
  });

  it('is removed at the end with all that is in it, and nothing else is', () => {
    const folder = openSuiteFolder(parent);
    mkdirSync(join(folder.path, 'a', 'b'), { recursive: true });
    writeFileSync(join(folder.path, 'a', 'b', 'c'), '');
    mkdirSync(join(parent, 'oriel-of-another-kind'));
    folder.remove();
    expect(readdirSync(parent)).toEqual(['oriel-of-another-kind']);
  });

  it('of a run that was killed is removed by the next one; that of a run under way is not', async () => {
    const run = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    const ended = once(run, 'exit');
    const folder = openSuiteFolder(parent, run.pid);
    writeFileSync(join(folder.path, 'oriel.db'), '');
    mkdirSync(join(parent, 'oriel-tests-of-no-process'));
    openSuiteFolder(parent).remove();
    expect(existsSync(folder.path)).toBe(true);
    run.kill('SIGKILL');
    await ended;
    const next = openSuiteFolder(parent);
    expect(readdirSync(parent).toSorted()).toEqual(
      [basename(next.path), 'oriel-tests-of-no-process'].toSorted(),
    );
  });
});
