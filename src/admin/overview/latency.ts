import { LATENCY_BOUNDS } from '../../domain/meter.js';

/** About how long something took, in milliseconds; `over` when all that is known is that it took longer. */
export interface About {
  readonly ms: number;
  readonly over: boolean;
}

/**
 * The duration that this part (0.5 is the median) of all calls did not exceed, estimated from counts by bound: within a bucket
 * durations are taken to lie evenly. Null of no calls at all.
 */
export const quantile = (buckets: readonly number[], part: number): About | null => {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const wanted = part * total;
  let before = 0;
  for (const [n, bound] of LATENCY_BOUNDS.entries()) {
    const count = buckets[n] ?? 0;
    if (count > 0 && before + count >= wanted) {
      const lower = LATENCY_BOUNDS[n - 1] ?? 0;
      return { ms: Math.round(lower + (bound - lower) * ((wanted - before) / count)), over: false };
    }
    before += count;
  }
  return { ms: LATENCY_BOUNDS[LATENCY_BOUNDS.length - 1] ?? 0, over: true };
};
