import type { Connection, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Held } from './held-connection.js';

/** Tokens that a server granted and that could not be written down: nothing but this memory knows them. */
export interface Unsaved {
  /** The Connection as it stands in the store, whose tokens the server replaced. */
  readonly from: Connection;
  readonly tokens: TokenSet;
}

/**
 * Granted tokens that wait for the store to take them. The refresh lease stays with this process, and they are used as if they
 * were written down already: no one connects again for our disk's sake.
 */
export class UnsavedTokens {
  readonly #waiting = new Map<ConnectionId, Unsaved>();

  keep(unsaved: Unsaved): void {
    this.#waiting.set(unsaved.from.id, unsaved);
  }

  forget(id: ConnectionId): void {
    this.#waiting.delete(id);
  }

  of(id: ConnectionId): Unsaved | undefined {
    return this.#waiting.get(id);
  }

  all(): readonly Unsaved[] {
    return [...this.#waiting.values()];
  }

  /** What this Connection will be once its tokens are saved; null where none wait, or where it was made again or refreshed since. */
  heldFor({ id, generation, version }: Connection): Held | null {
    const unsaved = this.#waiting.get(id);
    if (unsaved === undefined) return null;
    const { from, tokens } = unsaved;
    if (generation !== from.generation) return null;
    if (version !== from.version && version !== from.version + 1) return null;
    const { expiresAt, issuedAt } = tokens;
    const connection = { ...from, version: from.version + 1, expiresAt, refreshedAt: issuedAt };
    return { kind: 'held', connection, tokens };
  }
}
