import type { Waker } from '../../src/domain/system.js';

/** 2027-01-15T08:00:00Z. */
export const NOW = 1_800_000_000_000;

/** A clock that moves only when a test moves it, or when something sleeps. A sleep that can be woken is a deadline: it waits for what it limits. */
export class TestClock {
  #now = NOW;
  #setBack = 0;
  readonly #deadlines = new Map<() => void, number>();

  now = (): number => this.#now + this.#setBack;
  monotonic = (): number => this.#now;

  /** Sets the machine's clock; no time passes. */
  set(ms: number): void {
    this.#setBack += ms;
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const [reach, at] of this.#deadlines) if (at <= this.#now) reach();
  }

  sleep = async (ms: number, waker?: Waker): Promise<void> => {
    if (waker !== undefined) return this.#deadline(ms, waker);
    this.pass(Math.ceil(ms));
    await new Promise((resolve) => setTimeout(resolve, 5));
  };

  #deadline(ms: number, waker: Waker): Promise<void> {
    return new Promise((resolve) => {
      const reach = (): void => {
        this.#deadlines.delete(reach);
        resolve();
      };
      this.#deadlines.set(reach, this.#now + ms);
      waker.onWake(reach);
    });
  }
}
