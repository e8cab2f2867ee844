import { LRUCache } from 'lru-cache';
import { type buildConnector, Client } from 'undici';
import type { Reach } from './address-guard.js';
import { Overdue, type TimeLimit } from './deadline.js';

interface Gate {
  running: number;
  readonly waiting: (() => void)[];
}

/** Lets at most so many calls of one name run at once; the others wait in the order they came. */
export class Gates {
  readonly #limit: number;
  readonly #gates = new Map<string, Gate>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a place, which `leave` gives back: at once, or by a promise where there is none yet. Fails with `Overdue`. */
  enter(name: string, deadline: TimeLimit): Promise<void> | undefined {
    if (deadline.isOver) throw new Overdue();
    const gate = this.#gates.get(name);
    if (gate === undefined) {
      this.#gates.set(name, { running: 1, waiting: [] });
      return undefined;
    }
    if (gate.running < this.#limit) {
      gate.running += 1;
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        deadline.off(stop);
        resolve();
      };
      const stop = (): void => {
        gate.waiting.splice(gate.waiting.indexOf(enter), 1);
        reject(new Overdue());
      };
      deadline.on(stop);
      gate.waiting.push(enter);
    });
  }

  /** The one waiting longest takes the free place, so the count stays. */
  leave(name: string): void {
    const gate = this.#gates.get(name);
    if (gate === undefined) return;
    const next = gate.waiting.shift();
    if (next === undefined) gate.running -= 1;
    else next();
    if (gate.running === 0) this.#gates.delete(name);
  }
}

/** Bounds of what is open at once. */
export interface SocketLimits {
  /** Calls to one origin at once. */
  readonly atOnce: number;
  /** Of these for one owner, so that no single page takes every place. */
  readonly atOnceForOwner: number;
  /** Sockets that wait for their owner's next call, in all. */
  readonly kept: number;
  /** Origins remembered whose sockets are not kept, since they wrote what no one asked for. */
  readonly distrusted?: number;
}

/** Enough that a page of frames waits for the provider, never for us. */
export const SOCKET_LIMITS: SocketLimits = { atOnce: 128, atOnceForOwner: 32, kept: 512 };

/** Where a call goes, and for whom. A socket serves one owner; null means no owner, and such a socket ends with the call. */
export interface Route {
  readonly origin: string;
  readonly reach: Reach;
  readonly owner: string | null;
}

export interface SocketOptions {
  readonly limits: SocketLimits;
  readonly connectorFor: (reach: Reach) => buildConnector.connector;
  /** One text for each way to be reached: sockets are kept for it, and serve no other. */
  readonly keyFor: (reach: Reach) => string;
  /** Bytes of a body as sent, and milliseconds for its headers and again for its body. */
  readonly mostBytes: number;
  readonly timeLimit: number;
  /** A server wrote on a socket where no call was waiting for an answer. */
  readonly unasked: (origin: string) => void;
}

/** Origins that may be distrusted at the same time, where nothing else is said. */
const MOST_DISTRUSTED = 1000;

/** Headers of one answer, in bytes. */
const MOST_HEADER_BYTES = 64 * 1024 + 1;

/** No socket is kept idle for longer, whatever a server offers; milliseconds. */
const LONGEST_IDLE = 30_000;

/** After bytes that were not asked for, an origin's sockets are not kept for so long; milliseconds. */
const DISTRUST = 60 * 60_000;

const isUnasked = (error: Error): boolean => {
  const code = 'code' in error ? String(error.code) : '';
  return (code === 'UND_ERR_SOCKET' && error.message === 'bad response') || code.startsWith('HPE_');
};

/**
 * The sockets that calls are made over. HTTP/1.1 tells answers apart by their order alone: a server, or a proxy before it, that
 * writes an answer which was not asked for would hand it to the next call on that socket. So a socket that served one Connection
 * never serves another; it is dropped when anything is written on it between two calls, and its origin's sockets are not kept
 * from then on.
 */
export class Sockets {
  readonly #options: SocketOptions;
  readonly #gates: Gates;
  readonly #ownerGates: Gates;
  /** Sockets that wait for a call, by route, the one used last at the end. */
  readonly #idle = new Map<string, Client[]>();
  /** The same sockets and their routes, the one kept for longest first. */
  readonly #kept = new Map<Client, string>();
  readonly #open = new Set<Client>();
  readonly #distrusted: LRUCache<string, true>;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#distrusted = new LRUCache({ max: options.limits.distrusted ?? MOST_DISTRUSTED, ttl: DISTRUST });
    this.#gates = new Gates(options.limits.atOnce);
    this.#ownerGates = new Gates(options.limits.atOnceForOwner);
  }

  /**
   * Makes one exchange over a socket of this route. `exchange` learns whether the socket was used before; it resolves when the whole
   * answer was read. `fresh` asks for a new socket.
   */
  async use<T>(
    route: Route,
    fresh: boolean,
    deadline: TimeLimit,
    exchange: (client: Client, reused: boolean) => Promise<T>,
  ): Promise<T> {
    const { origin, owner } = route;
    const place = `${origin} ${this.#options.keyFor(route.reach)}`;
    // An owner is two words; an origin, with which a place starts, is none of them.
    const name = owner === null ? place : `${owner} ${place}`;
    const gated = owner === null ? null : name;
    await this.#enter(place, gated, deadline);
    let client: Client | undefined;
    try {
      const waiting = owner === null || fresh ? undefined : this.#take(name);
      client = waiting ?? this.#connect(route, name);
      const result = await exchange(client, waiting !== undefined);
      if (owner === null || this.#distrusted.has(origin)) this.#end(client);
      else this.#keep(client, name);
      return result;
    } catch (error) {
      if (client !== undefined) this.#end(client);
      throw error;
    } finally {
      this.#leave(place, gated);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((client) => client.destroy()));
  }

  /** Waits for a place among the owner's calls, where there is an owner, and then among all of the origin's. */
  async #enter(place: string, owner: string | null, deadline: TimeLimit): Promise<void> {
    if (owner !== null) await this.#ownerGates.enter(owner, deadline);
    try {
      await this.#gates.enter(place, deadline);
    } catch (error) {
      if (owner !== null) this.#ownerGates.leave(owner);
      throw error;
    }
  }

  #leave(place: string, owner: string | null): void {
    this.#gates.leave(place);
    if (owner !== null) this.#ownerGates.leave(owner);
  }

  #connect({ origin, reach, owner }: Route, name: string): Client {
    const { connectorFor, mostBytes, timeLimit, unasked } = this.#options;
    const client = new Client(origin, {
      connect: connectorFor(reach),
      // Zero asks the server to close after its answer.
      pipelining: owner === null ? 0 : 1,
      keepAliveMaxTimeout: LONGEST_IDLE,
      maxHeaderSize: MOST_HEADER_BYTES,
      maxResponseSize: mostBytes,
      headersTimeout: timeLimit,
      bodyTimeout: timeLimit,
    });
    client.on('disconnect', (_url, _targets, error) => {
      if (isUnasked(error) && this.#kept.has(client)) {
        this.#distrusted.set(origin, true);
        unasked(origin);
      }
      this.#forget(client, name);
      this.#end(client);
    });
    this.#open.add(client);
    return client;
  }

  #take(name: string): Client | undefined {
    const client = this.#idle.get(name)?.at(-1);
    if (client !== undefined) this.#forget(client, name);
    return client;
  }

  #keep(client: Client, name: string): void {
    if (client.destroyed || !this.#open.has(client)) return;
    const list = this.#idle.get(name) ?? [];
    list.push(client);
    this.#idle.set(name, list);
    this.#kept.set(client, name);
    if (this.#kept.size <= this.#options.limits.kept) return;
    const [oldest] = this.#kept;
    if (oldest === undefined) return;
    this.#forget(...oldest);
    this.#end(oldest[0]);
  }

  #forget(client: Client, name: string): void {
    if (!this.#kept.delete(client)) return;
    const list = this.#idle.get(name)?.filter((each) => each !== client) ?? [];
    if (list.length === 0) this.#idle.delete(name);
    else this.#idle.set(name, list);
  }

  #end(client: Client): void {
    if (!this.#open.delete(client)) return;
    // Its socket may be gone already.
    client.destroy().catch(() => undefined);
  }
}
