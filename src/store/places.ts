import { LRUCache } from 'lru-cache';
import type { Connection, ConnectionId } from '../domain/connection.js';
import type { Memory } from './engine/change-memory.js';

/**
 * Under which key each remembered Connection is found. It is noted with every use, and there is room for twice as many. A Connection
 * whose place has to make room is forgotten with it: without one, a change of it could not be heeded.
 */
export class Places {
  readonly #connections: Pick<Memory<Connection>, 'forget' | 'forgetReading'>;
  readonly #most: number;
  readonly #keys: LRUCache<ConnectionId, string>;

  constructor(connections: Pick<Memory<Connection>, 'forget' | 'forgetReading'>, remembered: number) {
    this.#connections = connections;
    this.#most = 2 * remembered;
    // Not `max`, for which room is taken at once.
    this.#keys = new LRUCache({ maxSize: this.#most, sizeCalculation: () => 1 });
  }

  note(id: ConnectionId, key: string): void {
    // To be found is to be used.
    if (this.#keys.get(id) === key) return;
    // Room is made before it is needed, and not by the cache itself, which would tell of it in the middle of a change.
    if (this.#keys.size >= this.#most && !this.#keys.has(id)) {
      const oldest = this.#keys.pop();
      if (oldest !== undefined) this.#connections.forget(oldest);
    }
    this.#keys.set(id, key);
  }

  /** Forgets the Connection of this id, and every one that is being read: which of them it is, is not known yet. */
  forget(id: ConnectionId): void {
    const key = this.#keys.get(id);
    if (key !== undefined) this.#connections.forget(key);
    this.#connections.forgetReading();
  }
}
