import { LRUCache } from 'lru-cache';
import type { Clock } from '../../domain/ports.js';

interface Kept<V> {
  readonly value: V;
  readonly until: number;
}

/**
 * What was read lately, for a little while, and until the next read after that. A read that began before a `forget` is handed to those who asked for it then, but
 * neither kept nor shared with those who ask later: it may have seen what was before the write.
 */
export class Memory<V extends object> {
  readonly #kept: LRUCache<string, Kept<V>>;
  readonly #reading = new Map<string, Promise<V | null>>();
  readonly #until: (value: V, begun: number) => number;
  readonly #clock: Clock;

  /** `until` says when a value, whose reading was begun at `begun`, must be read again. */
  constructor(size: number, clock: Clock, until: (value: V, begun: number) => number) {
    this.#kept = new LRUCache({ max: size });
    this.#clock = clock;
    this.#until = until;
  }

  get(key: string, read: () => Promise<V | null>): Promise<V | null> {
    const now = this.#clock.now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && now < kept.until) return Promise.resolve(kept.value);
    const joined = this.#reading.get(key);
    if (joined !== undefined) return joined;
    const reading = read().then(
      (value) => {
        if (this.#reading.get(key) !== reading) return value;
        this.#reading.delete(key);
        this.#dropOutdated();
        if (value !== null) this.#kept.set(key, { value, until: this.#until(value, now) });
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

  /** Secrets among them must not stay for as long as there is room. */
  #dropOutdated(): void {
    const now = this.#clock.now();
    const outdated: string[] = [];
    for (const key of this.#kept.rkeys()) {
      if (now < (this.#kept.peek(key)?.until ?? 0)) break;
      outdated.push(key);
    }
    for (const key of outdated) this.#kept.delete(key);
  }

  forget(key: string): void {
    this.#kept.delete(key);
    this.#reading.delete(key);
  }

  /** Forgets what `matches`, and all that is being read, of which nothing is known yet. */
  forgetWhere(matches: (value: V) => boolean): void {
    this.#reading.clear();
    for (const [key, { value }] of [...this.#kept.entries()]) if (matches(value)) this.#kept.delete(key);
  }
}
