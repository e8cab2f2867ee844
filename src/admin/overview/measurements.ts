import { LATENCY_BOUNDS, type Measured } from '../../domain/meter.js';

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

/** One hour of the day that is shown; `at` is its start. */
export interface Hour<T> {
  readonly at: number;
  readonly value: T;
}

export const HOUR = 60 * 60_000;
export const HOURS = 24;

/** Counts of something by outcome: of all, and hour by hour. */
export interface Counted {
  readonly total: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly hours: readonly Hour<Readonly<Record<string, number>>>[];
}

/** How long calls took: of all, and hour by hour; null where there were none. */
export interface Timed {
  readonly median: About | null;
  readonly high: About | null;
  readonly hours: readonly Hour<{ readonly median: About; readonly high: About } | null>[];
}

/** The part of calls that `high` is not exceeded by. */
export const HIGH = 0.95;

const plus = (into: Record<string, number>, { outcome, count }: Measured): void => {
  into[outcome] = (into[outcome] ?? 0) + count;
};

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

const hourly = <T>(
  rows: readonly Measured[],
  from: number,
  make: (rows: readonly Measured[]) => T,
): readonly Hour<T>[] =>
  Array.from({ length: HOURS }, (_, n) => {
    const at = from + n * HOUR;
    return { at, value: make(rows.filter((row) => row.at >= at && row.at < at + HOUR)) };
  });

const outcomesOf = (rows: readonly Measured[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const row of rows) plus(counts, row);
  return counts;
};

/** Adds up counts of the 24 hours from `from` on. */
export const counted = (rows: readonly Measured[], from: number): Counted => {
  const byOutcome = outcomesOf(rows);
  return { total: sumOf(byOutcome), byOutcome, hours: hourly(rows, from, outcomesOf) };
};

const bucketsOf = (rows: readonly Measured[]): readonly number[] =>
  Array.from({ length: LATENCY_BOUNDS.length + 1 }, (_, n) =>
    rows.reduce((sum, { buckets }) => sum + (buckets[n] ?? 0), 0),
  );

/** Estimates durations within the 24 hours from `from` on. */
export const timed = (rows: readonly Measured[], from: number): Timed => {
  const all = bucketsOf(rows);
  return {
    median: quantile(all, 0.5),
    high: quantile(all, HIGH),
    hours: hourly(rows, from, (some) => {
      const buckets = bucketsOf(some);
      const median = quantile(buckets, 0.5);
      const high = quantile(buckets, HIGH);
      return median === null || high === null ? null : { median, high };
    }),
  };
};
