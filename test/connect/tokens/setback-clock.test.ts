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

it('A refusal that counts as the second is 20 seconds after the first, also when the clock was ahead at the first', () => {
  const refused = { kind: 'refused', code: 'access_denied' } as const;
  const first = judgeSetback(null, 'record', refused, NOW + HOUR, 0).setback;
  const again = judgeSetback(first, 'record', refused, NOW, 0);
  expect(again.verdict).toBe('wait');
  expect(judgeSetback(again.setback, 'record', refused, NOW + 19_000, 0).verdict).toBe('wait');
  expect(judgeSetback(again.setback, 'record', refused, NOW + 20_000, 0).verdict).toBe('end');
});
