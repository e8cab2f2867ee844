import { describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../src/domain/meter.js';
import { Metrics } from '../../src/server/metrics.js';

const START = 1000 * METER_STEP;

const setting = () => {
  const time = { now: START };
  const metrics = new Metrics(() => time.now);
  const reported: Measured[] = [];
  const report = () => metrics.report(async (rows) => void reported.push(...rows));
  return { time, metrics, reported, report };
};

describe('counting', () => {
  it('counts renderings by gadget and state, refreshes and calls by provider and outcome', async () => {
    const { metrics, reported, report } = setting();
    metrics.rendered('cards', 'content');
    metrics.rendered('cards', 'content');
    metrics.rendered('cards', 'stale');
    metrics.refreshed('mingle', 'failed');
    metrics.called('mingle', 'ok', 50);
    metrics.called('mingle', 'ok', 51);
    metrics.called('mingle', 'ok', 99_999);
    await report();
    expect(reported.map(({ metric, of, outcome, count }) => [metric, of, outcome, count])).toEqual([
      ['rendered', 'cards', 'content', 2],
      ['rendered', 'cards', 'stale', 1],
      ['refreshed', 'mingle', 'failed', 1],
      ['called', 'mingle', 'ok', 3],
    ]);
    expect(reported[3]).toMatchObject({ at: START, sum: 100_100, buckets: [1, 1, 0, 0, 0, 0, 0, 0, 1] });
  });

  it('reports each count in full when it changed, and nothing when nothing did', async () => {
    const { metrics, reported, report } = setting();
    metrics.refreshed('mingle', 'ok');
    await report();
    await report();
    metrics.refreshed('mingle', 'ok');
    await report();
    expect(reported.map(({ count }) => count)).toEqual([1, 2]);
  });

  it('starts again every five minutes, and still reports what was counted before', async () => {
    const { time, metrics, reported, report } = setting();
    metrics.refreshed('mingle', 'ok');
    time.now += METER_STEP;
    metrics.refreshed('mingle', 'ok');
    await report();
    time.now += METER_STEP;
    await report();
    expect(reported.map(({ at, count }) => [at, count])).toEqual([
      [START, 1],
      [START + METER_STEP, 1],
    ]);
  });

  it('loses nothing when it cannot be reported, nor what is counted during a report', async () => {
    const { time, metrics, reported, report } = setting();
    metrics.refreshed('mingle', 'ok');
    await expect(metrics.report(() => Promise.reject(new Error('full')))).rejects.toThrow('full');
    await metrics.report(async (rows) => {
      metrics.refreshed('mingle', 'ok');
      reported.push(...rows);
    });
    time.now += METER_STEP;
    await report();
    expect(reported.map(({ at, count }) => [at, count])).toEqual([
      [START, 1],
      [START, 2],
    ]);
  });

  it('goes on where it was when the clock is put back', async () => {
    const { time, metrics, reported, report } = setting();
    metrics.refreshed('mingle', 'ok');
    time.now -= 3 * METER_STEP;
    metrics.refreshed('mingle', 'ok');
    await report();
    expect(reported).toMatchObject([{ at: START, count: 2 }]);
  });

  it('keeps no more than ten thousand counts that could not be reported', async () => {
    const { time, metrics, reported, report } = setting();
    for (let n = 0; n < 10_050; n += 1) metrics.refreshed(`provider-${n}`, 'ok');
    time.now += METER_STEP;
    await report();
    expect(reported).toHaveLength(10_000);
    expect(reported.at(-1)?.of).toBe('provider-10049');
  });
});
