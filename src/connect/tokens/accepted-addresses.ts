import type { Connection, ConnectionId } from '../../domain/connection.js';
import type { Access } from '../../upstream/upstream-call.js';
import type { AskedAddress } from './access-source.js';

/** Connections whose addresses are remembered, and addresses of each: one beside the one that may be in question. */
const MOST = 20_000;
const EACH = 2;

interface Remembered {
  /** Of the tokens that were taken; each generation begins with another. */
  readonly version: number;
  readonly generation: number;
  /** By target, the latest last. */
  readonly addresses: Map<string, AskedAddress>;
}

/**
 * Where a Connection's token was taken by the API, in this process: an address that took it before tells whether the token is dead, or
 * only one resource refuses. The Connections unused for longest are forgotten first.
 */
export class AcceptedAddresses {
  readonly #most: number;
  readonly #known = new Map<ConnectionId, Remembered>();

  constructor(most = MOST) {
    this.#most = most;
  }

  note({ connection }: Pick<Access, 'connection'>, { target, format }: AskedAddress): void {
    const { id, version, generation } = connection;
    const { addresses } = this.#of(connection) ?? { addresses: new Map<string, AskedAddress>() };
    addresses.delete(target);
    addresses.set(target, { target, format });
    const [oldest] = addresses.keys();
    if (addresses.size > EACH && oldest !== undefined) addresses.delete(oldest);
    this.#known.delete(id);
    this.#known.set(id, { version, generation, addresses });
    const [first] = this.#known.keys();
    if (this.#known.size > this.#most && first !== undefined) this.#known.delete(first);
  }

  has(connection: Connection, target: string): boolean {
    return this.#of(connection)?.addresses.has(target) === true;
  }

  /** The latest that is not this one. */
  otherThan(connection: Connection, target: string): AskedAddress | null {
    const others = [...(this.#of(connection)?.addresses.values() ?? [])].filter(
      (address) => address.target !== target,
    );
    return others.at(-1) ?? null;
  }

  forget(id: ConnectionId): void {
    this.#known.delete(id);
  }

  #of({ id, version, generation }: Connection): Remembered | undefined {
    const known = this.#known.get(id);
    return known?.version === version && known.generation === generation ? known : undefined;
  }
}
