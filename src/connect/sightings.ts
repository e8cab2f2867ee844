import type { Clock } from '../domain/system.js';

/** Sightings that are remembered. */
const MOST_REMEMBERED = 10_000;

/**
 * Since when this process has seen what stands on a row, by a clock that is never set: a date that another server wrote there, or this one
 * before its clock was set, tells nothing of how long it has been so.
 */
export class Sightings {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #seen = new Map<string, { readonly mark: string | number; readonly since: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** For how long, ms, this process has seen this mark under this key: 0 when it sees it for the first time. Another mark there before is forgotten. */
  seenFor(key: string, mark: string | number): number {
    const now = this.#clock.monotonic();
    const before = this.#seen.get(key);
    if (before?.mark === mark) return now - before.since;
    this.#seen.delete(key);
    this.#seen.set(key, { mark, since: now });
    const [first] = this.#seen.keys();
    if (this.#seen.size > MOST_REMEMBERED && first !== undefined) this.#seen.delete(first);
    return 0;
  }
}
