import { describe, expect, it } from 'vitest';
import { Sightings } from '../../../src/connect/sightings.js';
import { judgeSetback, obstacleIn, type SeenFor } from '../../../src/connect/tokens/setback.js';
import type { RefreshSetback } from '../../../src/domain/connection.js';

const NOW = 1_800_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** One process, with a wall clock that can jump and a monotonic one that cannot. */
const startProcess = () => {
  let [wall, monotonic] = [NOW, 0];
  const sightings = new Sightings({ monotonic: () => monotonic });
  const seenFor: SeenFor = (what, since) => sightings.seenFor(what, since);
  return {
    pass(ms: number): void {
      wall += ms;
      monotonic += ms;
    },
    jump(ms: number): void {
      wall += ms;
    },
    judge: (last: RefreshSetback | null, failure: Parameters<typeof judgeSetback>[2]) =>
      judgeSetback(last, 'record', failure, { now: wall, fraction: 0, seenFor }),
    obstacle: (setback: RefreshSetback) => obstacleIn(setback, 'record', wall),
  };
};

const LIMITED = { kind: 'rate-limited', retryAfter: 60 } as const;
const REFUSED = { kind: 'refused', code: 'access_denied' } as const;
const PAGE = { kind: 'protocol-error', code: 'not-json' } as const;

describe('how long a Connection waits', () => {
  it('is as long as its provider asked', () => {
    const server = startProcess();
    const { setback } = server.judge(null, LIMITED);
    server.pass(59 * SECOND);
    expect(server.obstacle(setback)).toEqual({ kind: 'rate-limited', retryAfter: 1 });
    server.pass(SECOND);
    expect(server.obstacle(setback)).toBeNull();
  });

  it.each([
    ['of a server whose clock is a little ahead', 20 * SECOND, true],
    ['of one whose clock was an hour ahead for a moment', HOUR, false],
  ])('%s', (_, ahead, waits) => {
    const [server, other] = [startProcess(), startProcess()];
    other.jump(ahead);
    const { setback } = other.judge(null, LIMITED);
    expect(server.obstacle(setback) !== null).toBe(waits);
  });
});

describe.each([
  ['set forward', HOUR],
  ['set back', -HOUR],
])('a clock that is %s', (_, jump) => {
  it('makes no refusal look twenty seconds old', () => {
    const server = startProcess();
    const first = server.judge(null, REFUSED);
    server.jump(jump);
    server.pass(SECOND);
    const second = server.judge(first.setback, REFUSED);
    expect(second.verdict).toBe('wait');
    server.pass(19 * SECOND);
    expect(server.judge(second.setback, REFUSED).verdict).toBe('end');
  });

  it('makes no answers without a word about the grant look ten minutes old', () => {
    const server = startProcess();
    const first = server.judge(null, PAGE);
    server.jump(jump);
    const second = server.judge(first.setback, PAGE);
    server.pass(MINUTE);
    const third = server.judge(second.setback, PAGE);
    expect(third.verdict).toBe('wait');
    server.pass(9 * MINUTE);
    expect(server.judge(third.setback, PAGE).verdict).toBe('end-if-others-do-well');
  });

  it('on another server does neither', () => {
    const [server, other] = [startProcess(), startProcess()];
    other.jump(jump);
    const first = other.judge(null, REFUSED);
    expect(server.judge(first.setback, REFUSED).verdict).toBe('wait');
    server.pass(20 * SECOND);
    expect(server.judge(first.setback, REFUSED).verdict).toBe('end');
  });
});
