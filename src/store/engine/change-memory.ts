import { LRUCache } from 'lru-cache';
import type { Misplaced, ReportMisplaced } from '../../domain/misplaced.js';
import type { Clock } from '../../domain/system.js';

interface Kept<V> {
  readonly key: string;
  readonly value: V;
  /** By the monotonic clock. */
  readonly until: number;
}

/** What shows whether others have changed what is kept. */
export interface Feed {
  isCurrent(now?: number): boolean;
  look(): Promise<void>;
}

/** What is kept, for how long, and how it is recognized as what was asked for. */
export interface MemoryOptions<V> {
  readonly clock: Clock;
  /** How many values are kept. */
  readonly size: number;
  /** Milliseconds after which a value is read again whatever happens. */
  readonly life: number;
  /** Whether a value may still be used without being read again, by its own words. */
  readonly isGood?: (value: V, now: number) => boolean;
  /** Whether a value is the one that this key asks for. */
  readonly belongs: (key: string, value: V) => boolean;
  readonly kind: Misplaced;
  readonly misplaced: ReportMisplaced;
  /** Where given, nothing kept is used before what others changed is known. */
  readonly feed?: Feed;
}

/**
 * What was read lately. A read that started before a `forget` is handed to those who asked for it then, but neither kept nor shared with
 * those who ask later: it may have seen what was before the write.
 */
export class Memory<V extends object> {
  readonly #options: MemoryOptions<V>;
  readonly #kept: LRUCache<string, Kept<V>>;
  readonly #reading = new Map<string, Promise<V | null>>();

  constructor(options: MemoryOptions<V>) {
    this.#options = options;
    // Not `max`, for which room is taken at once.
    this.#kept = new LRUCache({ maxSize: options.size, sizeCalculation: () => 1 });
  }

  /** What is kept under this key and may be used without waiting. */
  recall(key: string): V | undefined {
    const { feed, clock } = this.#options;
    const now = clock.monotonic();
    return feed === undefined || feed.isCurrent(now) ? this.#known(key, now) : undefined;
  }

  get(key: string, read: () => Promise<V | null>): Promise<V | null> {
    const { feed } = this.#options;
    // A value that is read must be one that the next look can drop: so the feed is known first.
    if (feed !== undefined && !feed.isCurrent()) return feed.look().then(() => this.#find(key, read));
    return this.#find(key, read);
  }

  #find(key: string, read: () => Promise<V | null>): Promise<V | null> {
    const startedAt = this.#options.clock.monotonic();
    const kept = this.#known(key, startedAt);
    if (kept !== undefined) return Promise.resolve(kept);
    const joined = this.#reading.get(key);
    if (joined !== undefined) return joined;
    const reading = read().then(
      (value) => {
        if (this.#reading.get(key) !== reading) return value;
        this.#reading.delete(key);
        this.#dropOutdated();
        if (value !== null) this.#kept.set(key, { key, value, until: startedAt + this.#options.life });
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

  #known(key: string, now: number): V | undefined {
    const { clock, isGood, belongs, kind, misplaced } = this.#options;
    const kept = this.#kept.get(key);
    if (kept === undefined || now >= kept.until) return undefined;
    if (isGood !== undefined && !isGood(kept.value, clock.now())) return undefined;
    if (kept.key === key && belongs(key, kept.value)) return kept.value;
    misplaced(kind, null);
    this.#kept.delete(key);
    return undefined;
  }

  /** Secrets among them must not stay for as long as there is room. */
  #dropOutdated(): void {
    const now = this.#options.clock.monotonic();
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

  /** Keeps nothing that is being read now: it may have seen what was before a write. */
  forgetReading(): void {
    this.#reading.clear();
  }

  /** Forgets what `matches`, and all that is being read, of which nothing is known yet. */
  forgetWhere(matches: (value: V) => boolean): void {
    this.#reading.clear();
    for (const [key, { value }] of [...this.#kept.entries()]) if (matches(value)) this.#kept.delete(key);
  }
}
