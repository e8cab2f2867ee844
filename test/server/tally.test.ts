import { describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../src/domain/meter.js';
import { Tally } from '../../src/server/tally.js';

const START = 1000 * METER_STEP;

const setting = () => {
  const time = { now: START };
  const tally = new Tally(() => time.now);
  const told: Measured[] = [];
  const tell = () => tally.tell(async (rows) => void told.push(...rows));
  return { time, tally, told, tell };
};

describe('counting', () => {
  it('counts renderings by gadget and state, refreshes and calls by provider and outcome', async () => {
    const { tally, told, tell } = setting();
    tally.rendered('cards', 'content');
    tally.rendered('cards', 'content');
    tally.rendered('cards', 'stale');
    tally.refreshed('mingle', 'failed');
    tally.called('mingle', 'ok', 50);
    tally.called('mingle', 'ok', 51);
    tally.called('mingle', 'ok', 99_999);
    await tell();
    expect(told.map(({ metric, of, outcome, count }) => [metric, of, outcome, count])).toEqual([
      ['rendered', 'cards', 'content', 2],
      ['rendered', 'cards', 'stale', 1],
      ['refreshed', 'mingle', 'failed', 1],
      ['called', 'mingle', 'ok', 3],
    ]);
    expect(told[3]).toMatchObject({ at: START, sum: 100_100, buckets: [1, 1, 0, 0, 0, 0, 0, 0, 1] });
  });

  it('reports each count in full when it changed, and nothing when nothing did', async () => {
    const { tally, told, tell } = setting();
    tally.refreshed('mingle', 'ok');
    await tell();
    await tell();
    tally.refreshed('mingle', 'ok');
    await tell();
    expect(told.map(({ count }) => count)).toEqual([1, 2]);
  });

  it('starts again every five minutes, and still reports what was counted before', async () => {
    const { time, tally, told, tell } = setting();
    tally.refreshed('mingle', 'ok');
    time.now += METER_STEP;
    tally.refreshed('mingle', 'ok');
    await tell();
    time.now += METER_STEP;
    await tell();
    expect(told.map(({ at, count }) => [at, count])).toEqual([
      [START, 1],
      [START + METER_STEP, 1],
    ]);
  });

  it('loses nothing when it cannot be reported, nor what is counted during a report', async () => {
    const { time, tally, told, tell } = setting();
    tally.refreshed('mingle', 'ok');
    await expect(tally.tell(() => Promise.reject(new Error('full')))).rejects.toThrow('full');
    await tally.tell(async (rows) => {
      tally.refreshed('mingle', 'ok');
      told.push(...rows);
    });
    time.now += METER_STEP;
    await tell();
    expect(told.map(({ at, count }) => [at, count])).toEqual([
      [START, 1],
      [START, 2],
    ]);
  });

  it('goes on where it was when the clock is put back', async () => {
    const { time, tally, told, tell } = setting();
    tally.refreshed('mingle', 'ok');
    time.now -= 3 * METER_STEP;
    tally.refreshed('mingle', 'ok');
    await tell();
    expect(told).toMatchObject([{ at: START, count: 2 }]);
  });

  it('keeps no more than ten thousand counts that could not be reported', async () => {
    const { time, tally, told, tell } = setting();
    for (let n = 0; n < 10_050; n += 1) tally.refreshed(`provider-${n}`, 'ok');
    time.now += METER_STEP;
    await tell();
    expect(told).toHaveLength(10_000);
    expect(told.at(-1)?.of).toBe('provider-10049');
  });
});
