import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/ports.js';

/**
 * What was read lately, for a little while. A read that began before a `forget` is handed to those who asked for it then, but
 * neither kept nor shared with those who ask later: it may have seen what was before the write.
 */
export class Memory<V extends object> {
  readonly #kept: LRUCache<string, V>;
  readonly #reading = new Map<string, Promise<V | null>>();
  readonly #lifeOf: (value: V, now: number) => number;
  readonly #clock: Clock;

  /** `lifeOf` says for how many milliseconds from the start of its reading a value is kept; 0 or less: not at all. */
  constructor(size: number, clock: Clock, lifeOf: (value: V, now: number) => number) {
    this.#kept = new LRUCache({ max: size, perf: clock, ttlResolution: 0, ttlAutopurge: false, ttl: 1 });
    this.#clock = clock;
    this.#lifeOf = lifeOf;
  }

  get(key: string, read: () => Promise<V | null>): Promise<V | null> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return Promise.resolve(kept);
    const joined = this.#reading.get(key);
    if (joined !== undefined) return joined;
    const start = this.#clock.now();
    const reading = read().then(
      (value) => {
        if (this.#reading.get(key) !== reading) return value;
        this.#reading.delete(key);
        if (value !== null) this.#keep(key, value, start);
        return value;
      },
      (error: unknown) => {
        if (this.#reading.get(key) === reading) this.#reading.delete(key);
        throw error;
      },
    );
    this.#reading.set(key, reading);
    return reading;
  }

  forget(key: string): void {
    this.#kept.delete(key);
    this.#reading.delete(key);
  }

  /** Forgets what `matches`, and all that is being read, of which nothing is known yet. */
  forgetWhere(matches: (value: V) => boolean): void {
    this.#reading.clear();
    for (const [key, value] of [...this.#kept.entries()]) if (matches(value)) this.#kept.delete(key);
  }

  #keep(key: string, value: V, start: number): void {
    const ttl = this.#lifeOf(value, start);
    if (ttl > 0) this.#kept.set(key, value, { ttl, start });
  }
}
