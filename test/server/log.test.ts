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

  it('is the moment of that line, to the millisecond, however close the last one was', () => {
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
