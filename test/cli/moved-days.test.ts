import { describe, expect, it } from 'vitest';
import { movedDays } from '../../src/cli/verify/moved-days.js';

describe('Answers that were recorded some days ago', () => {
  const then = Date.parse('2026-11-25T09:46:36Z');
  const now = Date.parse('2026-12-02T23:10:00Z');

  it('have their days moved, and their times of day and everything else as they were', () => {
    expect(
      movedDays(
        [
          {
            start: { dateTime: '2026-11-25T10:30:00+01:00' },
            end: { date: '2026-11-28' },
            ts: '1795599280.000200',
          },
          [
            '2026-11-30T23:00:00.0000000',
            'On 2026-11-25 we met',
            '4.1.2',
            '1795599280',
            1795599280,
            null,
            true,
          ],
        ],
        then,
        now,
      ),
    ).toEqual([
      {
        start: { dateTime: '2026-12-02T10:30:00+01:00' },
        end: { date: '2026-12-05' },
        ts: '1796204080.000200',
      },
      ['2026-12-07T23:00:00.0000000', 'On 2026-11-25 we met', '4.1.2', '1795599280', 1795599280, null, true],
    ]);
  });

  it('stay as they are on the same day', () => {
    const data = { at: '2026-11-25' };
    expect(movedDays(data, then, then + 3_600_000)).toBe(data);
  });
});
