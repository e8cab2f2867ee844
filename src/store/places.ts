import type { Connection, ConnectionId } from '../domain/connection.js';
import type { Memory } from './engine/memory.js';

/**
 * Under which key each remembered Connection is found. It is noted with every use, and there is room for twice as many. A Connection
 * whose place has to make room is forgotten with it: without one, a change of it could not be heeded.
 */
export class Places {
  readonly #connections: Pick<Memory<Connection>, 'forget' | 'forgetReading'>;
  readonly #most: number;
  /** The one that was noted last is the last. */
  readonly #keys = new Map<ConnectionId, string>();

  constructor(connections: Pick<Memory<Connection>, 'forget' | 'forgetReading'>, remembered: number) {
    this.#connections = connections;
    this.#most = 2 * remembered;
  }

  note(id: ConnectionId, key: string): void {
    this.#keys.delete(id);
    this.#keys.set(id, key);
    if (this.#keys.size <= this.#most) return;
    const [oldest] = this.#keys;
    if (oldest === undefined) return;
    this.#keys.delete(oldest[0]);
    this.#connections.forget(oldest[1]);
  }

  /** Forgets the Connection of this id, and every one that is being read: which of them it is, is not known yet. */
  forget(id: ConnectionId): void {
    const key = this.#keys.get(id);
    if (key !== undefined) this.#connections.forget(key);
    this.#connections.forgetReading();
  }
}
