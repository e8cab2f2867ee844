import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  const built = new URL('../../dist/server/log.js', import.meta.url).href;
  /** A process that logs three lines, then does `next`. */
  const logging = (next: string) => {
    const script = `import { openLog } from ${JSON.stringify(built)};
      const log = openLog('info');
      for (const n of [1, 2, 3]) log.info('line', { n });
      ${next}`;
    return spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };

  it.each([
    ['ends by itself', ''],
    ['is told to exit', 'process.exit(0);'],
    ['dies of an error that nothing caught', "throw new Error('died');"],
  ])('are all there when the process %s', async (_, next) => {
    const child = logging(next);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await once(child, 'close');
    expect(printed.match(/"n":\d/g)).toEqual(['"n":1', '"n":2', '"n":3']);
  });

  it('are written while the process continues', async () => {
    const child = logging('setInterval(() => undefined, 1000);');
    const [text] = await once(child.stdout, 'data');
    expect(String(text)).toContain('"n":1');
    child.kill('SIGKILL');
    await once(child, 'close');
  });
});
