import type { Secret } from './secret.js';

/**
 * Time. `now()` is epoch milliseconds, for what is written down or shown. `monotonic()` is milliseconds that never go back whatever is
 * done to the machine's clock, of which only differences mean something: for lifetimes of what is in memory. `sleep` resolves after that
 * many milliseconds, or at once when it is woken: a timer that nothing waits for any more would keep its callback in memory.
 */
export interface Clock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, waker?: Waker): Promise<void>;
}

/** By so much the clocks of two servers may differ, ms: what one of them dates further ahead was dated by a clock that has been set back since. */
export const SKEW = 30_000;

/** Ends a sleep early. An AbortController does so too, for ten times the price, and each rendering needs two. */
export class Waker {
  #isAwake = false;
  #wake: (() => void) | null = null;

  /** Calls `wake` once, when it is time or if it was already; for the one sleep that it is given to. */
  onWake(wake: () => void): void {
    if (this.#isAwake) wake();
    else this.#wake = wake;
  }

  wake(): void {
    this.#isAwake = true;
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** Randomness: `id()` has 128 bits, `secret()` 256, both base64url; `fraction()` is in [0, 1). */
export interface Entropy {
  id(): string;
  secret(): Secret;
  fraction(): number;
}

/** The processes that share the database, as far as this one can tell which of them live. */
export interface Peers {
  /** What this process is called where it holds something; without spaces. */
  readonly own: string;
  /** Whether the process called so is known to be dead; false when in doubt. */
  isDead(name: string): boolean;
}

/** SHA-256, base64url without padding. */
export interface Digest {
  sha256(content: string | Uint8Array): string;
}

/** Something an administrator should know. `event` is a stable name; fields never hold secrets or viewers' data. */
export interface Journal {
  note(event: string, fields: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}
