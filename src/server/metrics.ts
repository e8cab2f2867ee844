import type { AuditEvent } from '../domain/audit-event.js';
import {
  type AnswerSource,
  type CallOutcome,
  LATENCY_BOUNDS,
  METER_STEP,
  type Measured,
  type Meter,
  type MeterWatch,
} from '../domain/meter.js';
import type { Misplaced } from '../domain/misplaced.js';
import type { RenderingState } from '../domain/rendering.js';

interface Cell extends Measured {
  count: number;
  sum: number;
  readonly buckets: number[];
  /** How much of `count` was reported already. */
  reported: number;
}

/** Counts that could not be reported are kept up to this many, the latest ones: memory must not grow with an outage. */
const MOST_UNREPORTED = 10_000;

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

const added = ({ metric, of, outcome, count }: Cell, before: Total | undefined): Total => ({
  metric,
  of,
  outcome,
  count: count + (before?.count ?? 0),
});

/** A count since the start. */
export type Total = Pick<Measured, 'metric' | 'of' | 'outcome' | 'count'>;

/** Counts in memory, in steps of five minutes, until they are reported to the store. */
export class Metrics implements Meter {
  readonly #now: () => number;
  readonly #mostUnreported: number;
  #at = 0;
  #cells = new Map<string, Cell>();
  /** Those of renderings once more, by gadget: they are counted at every request, and found without making a key. */
  #renderings = new Map<string, Map<string, Cell>>();
  #earlier: Cell[] = [];
  /** What was counted before the present five minutes, since the start. */
  readonly #before = new Map<string, Total>();
  readonly #watches: MeterWatch[] = [];

  constructor(now: () => number, mostUnreported = MOST_UNREPORTED) {
    this.#now = now;
    this.#mostUnreported = mostUnreported;
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

  called(provider: string, outcome: CallOutcome, ms: number, status: number | null = null): void {
    for (const watch of this.#watches) watch.called(provider, outcome, ms, status);
    const cell = this.#cell('called', provider, outcome);
    const bucket = bucketOf(ms);
    cell.count += 1;
    cell.sum += Math.max(0, Math.round(ms));
    cell.buckets[bucket] = (cell.buckets[bucket] ?? 0) + 1;
  }

  answered(provider: string, source: AnswerSource): void {
    for (const watch of this.#watches) watch.answered(provider, source);
  }

  made(gadget: string, ms: number): void {
    for (const watch of this.#watches) watch.made(gadget, ms);
  }

  audited(event: Pick<AuditEvent, 'action' | 'outcome' | 'provider' | 'code'>): void {
    for (const watch of this.#watches) watch.audited(event);
  }

  renewed(provider: string, outcome: 'ok' | 'failed', ms: number): void {
    for (const watch of this.#watches) watch.renewed(provider, outcome, ms);
  }

  queried(kind: 'reading' | 'writing', ms: number): void {
    for (const watch of this.#watches) watch.queried(kind, ms);
  }

  databaseFailed(code: string): void {
    for (const watch of this.#watches) watch.databaseFailed(code);
  }

  /** Tells `watch` from now on what is counted for monitoring alone. */
  watchedBy(watch: MeterWatch): void {
    this.#watches.push(watch);
  }

  /** Everything since the start: what the request path counts anyway is added up when it is asked for. */
  totals(): readonly Total[] {
    this.#turn();
    const all = new Map(this.#before);
    for (const [key, cell] of this.#cells) all.set(key, added(cell, all.get(key)));
    return [...all.values()];
  }

  /** Gives `put` what changed since it last succeeded: each count in full, since it replaces what was reported before. */
  async report(put: (rows: readonly Measured[]) => Promise<void>): Promise<void> {
    this.#turn();
    const unreported = [...this.#earlier, ...this.#cells.values()].filter(
      (cell) => cell.count > cell.reported,
    );
    if (unreported.length === 0) return;
    const rows = unreported.map(measuredOf);
    await put(rows);
    for (const [n, cell] of unreported.entries()) cell.reported = rows[n]?.count ?? cell.reported;
    this.#earlier = this.#earlier.filter((cell) => cell.count > cell.reported);
  }

  /** When the clock is put back, counting goes on where it was, or older counts would be replaced by smaller ones. */
  #turn(): void {
    const now = this.#now();
    if (now < this.#at + METER_STEP) return;
    this.#at = Math.floor(now / METER_STEP) * METER_STEP;
    for (const [key, cell] of this.#cells) this.#before.set(key, added(cell, this.#before.get(key)));
    this.#earlier = [...this.#earlier, ...this.#cells.values()].slice(-this.#mostUnreported);
    this.#cells = new Map();
    this.#renderings = new Map();
  }

  #cell(metric: Measured['metric'], of: string, outcome: string): Cell {
    this.#turn();
    const key = `${metric} ${outcome} ${of}`;
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const buckets = metric === 'called' ? new Array<number>(LATENCY_BOUNDS.length + 1).fill(0) : [];
    const cell: Cell = { at: this.#at, metric, of, outcome, count: 0, sum: 0, buckets, reported: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}
