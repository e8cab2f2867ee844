import type { Clock, Waker } from '../../src/domain/system.js';
import { systemClock } from '../../src/server/node-system.js';

/** 2027-01-15T08:00:00Z. */
export const NOW = 1_800_000_000_000;

/**
 * A clock that moves when a test moves it. What sleeps
 * - `skips` the time (the default): it passes at once. A sleep that can be woken is a deadline, and waits for what it limits;
 * - or `waits` until the test has let it pass;
 * - or sleeps as long as it says, where the clock `runs`: it is the machine's, which browsers and other processes have too, set forward.
 */
export class TestClock implements Clock {
  /** The same time for those whose sleep must not move it: it `waits`. */
  readonly waiting: Clock;
  /** What happens elsewhere after each sleep that was skipped, of so many ms. */
  whileWaiting: (ms: number) => Promise<void> = async () => {};
  readonly #sleeps: 'skips' | 'waits' | 'runs';
  #passed = 0;
  #setBack = 0;
  readonly #deadlines = new Map<() => void, number>();

  constructor(sleeps: 'skips' | 'waits' | 'runs' = 'skips') {
    this.#sleeps = sleeps;
    this.waiting = { now: this.now, monotonic: this.monotonic, sleep: this.#deadline };
  }

  now = (): number => this.monotonic() + this.#setBack;
  monotonic = (): number => (this.#sleeps === 'runs' ? Date.now() : NOW) + this.#passed;

  /** How many sleep until a time that has not come. */
  get sleeping(): number {
    return this.#deadlines.size;
  }

  /** Sets the machine's clock; no time passes. */
  set(ms: number): void {
    this.#setBack += ms;
  }

  pass(ms: number): void {
    this.#passed += ms;
    for (const [reach, at] of this.#deadlines) if (at <= this.monotonic()) reach();
  }

  sleep = async (ms: number, waker?: Waker): Promise<void> => {
    if (this.#sleeps === 'runs') return systemClock.sleep(ms, waker);
    if (this.#sleeps === 'waits' || waker !== undefined) return this.#deadline(ms, waker);
    this.pass(Math.ceil(ms));
    await this.whileWaiting(ms);
    await new Promise((resolve) => setTimeout(resolve, 5));
  };

  readonly #deadline = (ms: number, waker?: Waker): Promise<void> =>
    new Promise((resolve) => {
      const reach = (): void => {
        this.#deadlines.delete(reach);
        resolve();
      };
      this.#deadlines.set(reach, this.monotonic() + ms);
      waker?.onWake(reach);
    });
}
