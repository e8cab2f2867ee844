/** At most so many in a window of so many ms. */
export interface RequestLimitOptions {
  readonly most: number;
  readonly window: number;
  /** So many names are remembered at most; beyond that the oldest is forgotten. */
  readonly names: number;
}

interface Window {
  readonly startedAt: number;
  count: number;
}

/** Counts what each name asks for in this process, window by window. */
export class RequestLimit {
  readonly #options: RequestLimitOptions;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  /** `now` is a clock in ms that is never set back. */
  constructor(options: RequestLimitOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  /** Counts one more. Seconds to wait where that is too many; null: go on. */
  attempt(name: string): number | null {
    const now = this.#now();
    const { most, window, names } = this.#options;
    const known = this.#windows.get(name);
    const current =
      known !== undefined && now < known.startedAt + window ? known : { startedAt: now, count: 0 };
    current.count += 1;
    if (current !== known) {
      // Put in anew, so that the first in order is the oldest.
      this.#windows.delete(name);
      this.#windows.set(name, current);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > names && oldest !== undefined) this.#windows.delete(oldest);
    }
    return current.count <= most ? null : Math.max(1, Math.ceil((current.startedAt + window - now) / 1000));
  }
}
