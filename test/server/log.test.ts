import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLog } from '../../src/server/log.js';

const opened = () => {
  const lines: string[] = [];
  const log = openLog('info', { write: (line) => void lines.push(line) });
  return { log, times: () => lines.map((line) => JSON.parse(line).time as string) };
};

describe('the time of a log line', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it('is the time of that line, to the millisecond, however close to the previous one', () => {
    const { log, times } = opened();
    for (const now of [0, 0, 1, 1, 60_000, 0]) {
      vi.setSystemTime(now);
      log.info('a line', {});
    }
    expect(times()).toEqual([
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
      '1970-01-01T00:00:00.001Z',
      '1970-01-01T00:00:00.001Z',
      '1970-01-01T00:01:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ]);
  });
});

describe('lines that wait to be written together', () => {
  const built = new URL('../../dist/log.js', import.meta.url).href;
  const children: ChildProcess[] = [];
  // One that never ends is what these tests find.
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  /** A process that logs three lines, then does `next`. */
  const logging = (next: string, out: 'pipe' | number = 'pipe') => {
    const script = `import { openLog } from ${JSON.stringify(built)};
      const log = openLog('info');
      for (const n of [1, 2, 3]) log.info('line', { n });
      ${next}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', out, 'pipe'],
    });
    children.push(child);
    return child;
  };
  const textOf = (stream: Readable | null): (() => string) => {
    let text = '';
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    return () => text;
  };

  it.each([
    ['ends by itself', ''],
    ['is asked to exit', 'process.exit(0);'],
    ['dies of an error that nothing caught', "throw new Error('died');"],
  ])('are all there when the process %s', async (_, next) => {
    const child = logging(next);
    const printed = textOf(child.stdout);
    await once(child, 'close');
    expect(printed().match(/"n":\d/g)).toEqual(['"n":1', '"n":2', '"n":3']);
  });

  it('are written while the process continues', async () => {
    const child = logging('setInterval(() => undefined, 1000);');
    const printed = textOf(child.stdout);
    await expect.poll(printed).toContain('"n":1');
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  /** Linux has a device that takes nothing. */
  const FULL = '/dev/full';
  it.runIf(existsSync(FULL)).each([
    [
      'goes on and ends when it is asked to',
      0,
      'setTimeout(() => { console.error("went on"); process.exit(0); }, 200);',
    ],
    ['goes on and ends by itself', 0, 'setTimeout(() => console.error("went on"), 200);'],
  ])('keep no process where they cannot be written, as on a full disk: it %s', async (_, code, next) => {
    const full = openSync(FULL, 'w');
    const child = logging(next, full);
    closeSync(full);
    const said = textOf(child.stderr);
    expect(await once(child, 'close')).toEqual([code, null]);
    expect(
      said().match(/The log can’t be written \(ENOSPC.*\)\. The server goes on without it\.\nwent on\n/g),
    ).toHaveLength(1);
  });
});
