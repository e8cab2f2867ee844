import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from '../../../src/admin/overview/measurements.js';
import { LATENCY_BOUNDS } from '../../../src/domain/meter.js';

const none = [0, 0, 0, 0, 0, 0, 0, 0, 0];

describe('the estimate of a duration from counts', () => {
  it('is nothing of no calls', () => {
    expect(quantile(none, 0.5)).toBeNull();
    expect(quantile([], 0.5)).toBeNull();
  });

  it('assumes that durations are spread evenly within a bucket', () => {
    expect(quantile([0, 0, 4, 0, 0, 0, 0, 0, 0], 0.5)).toEqual({ ms: 150, over: false });
    expect(quantile([2, 2, 0, 0, 0, 0, 0, 0, 0], 0.5)).toEqual({ ms: 50, over: false });
    expect(quantile([90, 0, 0, 10, 0, 0, 0, 0, 0], 0.95)).toEqual({ ms: 300, over: false });
  });

  it('says only that it was longer than the last bound where nothing more is known', () => {
    expect(quantile([1, 0, 0, 0, 0, 0, 0, 0, 99], 0.5)).toEqual({ ms: 6400, over: true });
  });

  it('stays within its bucket, and never falls as the share grows', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 9, maxLength: 9 }), (buckets) => {
        const parts = [0.01, 0.25, 0.5, 0.75, 0.95, 1].map((part) => quantile(buckets, part));
        if (buckets.every((count) => count === 0)) return parts.every((about) => about === null);
        const ms = parts.map((about) => about?.ms ?? Number.NaN);
        return (
          ms.every((each) => each >= 0 && each <= (LATENCY_BOUNDS.at(-1) ?? 0)) &&
          ms.every((each, n) => n === 0 || each >= (ms[n - 1] ?? 0))
        );
      }),
    );
  });
});
