import { LRUCache } from 'lru-cache';
import type { ConnectionId } from '../domain/connection.js';
import type { Clock, PrivateCaches } from '../domain/ports.js';
import type { Answered, Landing } from './answered.js';

/** How much may be kept: bytes of one Connection and of all, and how many Connections. */
export interface CacheLimits {
  readonly bytesPerConnection: number;
  readonly bytes: number;
  readonly connections: number;
}

const LIMITS: CacheLimits = {
  bytesPerConnection: 16 * 1024 * 1024,
  bytes: 256 * 1024 * 1024,
  connections: 10_000,
};

interface Kept<T> {
  readonly value: T;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** A call under way, and when it was begun. */
export interface Flight {
  readonly startedAt: number;
  readonly landing: Promise<Landing>;
}

/**
 * Everything remembered for one Connection, and for no other. Purging it throws the whole object away, so whatever is still
 * under way for it lands where nobody looks.
 */
export class PrivateCache {
  readonly flights = new Map<string, Flight>();
  /** Until then the provider asked not to be called (429). */
  askAgainAt = 0;
  live = true;
  readonly #answers: LRUCache<string, Kept<Answered>>;
  readonly #derived: LRUCache<string, Kept<unknown>>;
  readonly #limit: number;
  readonly #resized: (bytes: number) => void;

  constructor(limit: number, resized: (bytes: number) => void) {
    const shelf = <T>() =>
      new LRUCache<string, Kept<T>>({
        maxSize: limit,
        sizeCalculation: (kept) => kept.bytes,
        dispose: (kept) => resized(-kept.bytes),
      });
    this.#answers = shelf<Answered>();
    this.#derived = shelf<unknown>();
    this.#limit = limit;
    this.#resized = resized;
  }

  answer(key: string): Answered | undefined {
    return this.#answers.get(key)?.value;
  }

  /** Remembers what a call came to, unless a call that was begun later already told something newer. */
  keep(key: string, value: Answered): void {
    if ((this.#answers.peek(key)?.value.fetchedAt ?? 0) > value.fetchedAt) return;
    this.#put(this.#answers, key, { value, bytes: value.bytes, expiresAt: 0 });
  }

  drop(key: string): void {
    this.#answers.delete(key);
  }

  derived(key: string, now: number): unknown {
    const kept = this.#derived.get(key);
    return kept !== undefined && now < kept.expiresAt ? kept.value : undefined;
  }

  derive(key: string, value: object, bytes: number, expiresAt: number): void {
    this.#put<unknown>(this.#derived, key, { value, bytes, expiresAt });
  }

  clear(): void {
    this.live = false;
    this.#answers.clear();
    this.#derived.clear();
  }

  #put<T>(into: LRUCache<string, Kept<T>>, key: string, kept: Kept<T>): void {
    const sized = { ...kept, bytes: Math.max(1, Math.ceil(kept.bytes) + key.length) };
    if (!this.live || sized.bytes > this.#limit) return;
    into.set(key, sized);
    this.#resized(sized.bytes);
  }
}

/** The set of private caches, as the stories see it and as the upstream uses it. */
export interface CacheSet {
  readonly port: PrivateCaches;
  of(connection: ConnectionId): PrivateCache;
}

/**
 * One cache for each Connection, found by its id alone. When all together grow too large, the Connection unused for longest is
 * forgotten whole: nobody can push others out one answer at a time.
 */
export const privateCaches = (clock: Clock, limits: CacheLimits = LIMITS): CacheSet => {
  let bytes = 0;
  const caches = new LRUCache<ConnectionId, PrivateCache>({
    max: limits.connections,
    dispose: (cache) => cache.clear(),
  });
  const resized = (by: number): void => {
    bytes += by;
    while (bytes > limits.bytes && caches.size > 1) caches.pop();
  };
  const of = (connection: ConnectionId): PrivateCache => {
    const known = caches.get(connection);
    if (known !== undefined) return known;
    const made = new PrivateCache(limits.bytesPerConnection / 2, resized);
    caches.set(connection, made);
    return made;
  };
  return {
    of,
    port: {
      get: (connection, key) => caches.get(connection)?.derived(key, clock.now()),
      set: (connection, key, value, size, expiresAt) => of(connection).derive(key, value, size, expiresAt),
      purge: (connection) => void caches.delete(connection),
    },
  };
};
