import { type CallOutcome, LATENCY_BOUNDS, METER_STEP, type Measured, type Meter } from '../domain/meter.js';
import type { Misplaced } from '../domain/misplaced.js';
import type { RenderingState } from '../domain/rendering.js';

interface Cell extends Measured {
  count: number;
  sum: number;
  readonly buckets: number[];
  /** How much of `count` was told already. */
  told: number;
}

/** Counts that could not be told are kept up to this many, the latest ones: memory must not grow with an outage. */
const MOST_UNTOLD = 10_000;

const bucketOf = (ms: number): number => {
  const index = LATENCY_BOUNDS.findIndex((bound) => ms <= bound);
  return index === -1 ? LATENCY_BOUNDS.length : index;
};

const measuredOf = ({ at, metric, of, outcome, count, sum, buckets }: Cell): Measured => ({
  at,
  metric,
  of,
  outcome,
  count,
  sum,
  buckets: [...buckets],
});

/** Counts in memory, five minutes by five minutes, until they are told to the store. */
export class Tally implements Meter {
  readonly #now: () => number;
  readonly #mostUntold: number;
  #at = 0;
  #cells = new Map<string, Cell>();
  /** Those of renderings once more, by gadget: they are counted with every look, and found without making a key. */
  #renderings = new Map<string, Map<string, Cell>>();
  #earlier: Cell[] = [];

  constructor(now: () => number, mostUntold = MOST_UNTOLD) {
    this.#now = now;
    this.#mostUntold = mostUntold;
  }

  rendered(gadget: string, state: RenderingState | 'stale'): void {
    this.#turn();
    const known = this.#renderings.get(gadget)?.get(state);
    const cell = known ?? this.#cell('rendered', gadget, state);
    if (known === undefined) {
      const states = this.#renderings.get(gadget) ?? new Map<string, Cell>();
      this.#renderings.set(gadget, states.set(state, cell));
    }
    cell.count += 1;
  }

  refreshed(provider: string, outcome: 'ok' | 'failed'): void {
    this.#cell('refreshed', provider, outcome).count += 1;
  }

  misplaced(what: Misplaced): void {
    this.#cell('misplaced', what, 'refused').count += 1;
  }

  called(provider: string, outcome: CallOutcome, ms: number): void {
    const cell = this.#cell('called', provider, outcome);
    const bucket = bucketOf(ms);
    cell.count += 1;
    cell.sum += Math.max(0, Math.round(ms));
    cell.buckets[bucket] = (cell.buckets[bucket] ?? 0) + 1;
  }

  /** Gives `put` what changed since it last succeeded: each count whole, since it replaces what was said before. */
  async tell(put: (rows: readonly Measured[]) => Promise<void>): Promise<void> {
    this.#turn();
    const untold = [...this.#earlier, ...this.#cells.values()].filter((cell) => cell.count > cell.told);
    if (untold.length === 0) return;
    const rows = untold.map(measuredOf);
    await put(rows);
    for (const [n, cell] of untold.entries()) cell.told = rows[n]?.count ?? cell.told;
    this.#earlier = this.#earlier.filter((cell) => cell.count > cell.told);
  }

  /** A clock that was put back goes on counting where it was, or older counts would be replaced by smaller ones. */
  #turn(): void {
    const now = this.#now();
    if (now < this.#at + METER_STEP) return;
    this.#at = Math.floor(now / METER_STEP) * METER_STEP;
    this.#earlier = [...this.#earlier, ...this.#cells.values()].slice(-this.#mostUntold);
    this.#cells = new Map();
    this.#renderings = new Map();
  }

  #cell(metric: Measured['metric'], of: string, outcome: string): Cell {
    this.#turn();
    const key = `${metric} ${outcome} ${of}`;
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const buckets = metric === 'called' ? new Array<number>(LATENCY_BOUNDS.length + 1).fill(0) : [];
    const cell: Cell = { at: this.#at, metric, of, outcome, count: 0, sum: 0, buckets, told: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}
