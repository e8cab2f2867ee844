import { expect, it } from 'vitest';
import { judgeSetback, obstacleIn } from '../../../src/connect/tokens/setback.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const setbackAt = (now: number) =>
  judgeSetback(null, 'record', { kind: 'rate-limited', retryAfter: 60 }, now, 0).setback;

it('A Connection waits as long as its provider asked, and no longer when the clock was set back since', () => {
  expect(obstacleIn(setbackAt(NOW), 'record', NOW + 59_000)).toEqual({ kind: 'rate-limited', retryAfter: 1 });
  expect(obstacleIn(setbackAt(NOW), 'record', NOW + 60_000)).toBeNull();
  // Of a server whose clock is a little ahead.
  expect(obstacleIn(setbackAt(NOW + 20_000), 'record', NOW)).toMatchObject({ kind: 'rate-limited' });
  // Of one whose clock was an hour ahead for a moment.
  expect(obstacleIn(setbackAt(NOW + HOUR), 'record', NOW)).toBeNull();
});

it('A server whose clock is behind for a moment does not make a failure look older than it is', () => {
  const refused = { kind: 'refused', code: 'access_denied' } as const;
  const first = judgeSetback(null, 'record', refused, NOW, 0).setback;
  const behind = judgeSetback(first, 'record', refused, NOW - HOUR, 0);
  expect(behind.verdict).toBe('wait');
  expect(judgeSetback(behind.setback, 'record', refused, NOW + 10_000, 0).verdict).toBe('wait');
  expect(judgeSetback(behind.setback, 'record', refused, NOW + 20_000, 0).verdict).toBe('end');
});
