import { LRUCache } from 'lru-cache';
import { type ConnectionId, isSameOwner, type Owned, type Owner } from '../domain/connection.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Clock } from '../domain/system.js';
import type { Answered, FlightOutcome } from './remembered-answers.js';

/** How much may be kept: bytes of everything together and of one Connection, and how many things of each kind. */
export interface CacheLimits {
  readonly bytes: number;
  readonly bytesPerConnection: number;
  readonly entries: number;
  /** Calls under way that others may join; those beyond are made all the same, for their own caller alone. */
  readonly flights: number;
  /** Connections that are remembered because their provider asked to wait (429). */
  readonly pauses: number;
}

const MEGABYTE = 1024 * 1024;

export const CACHE_LIMITS: CacheLimits = {
  bytes: 256 * MEGABYTE,
  bytesPerConnection: 16 * MEGABYTE,
  entries: 500_000,
  flights: 20_000,
  pauses: 20_000,
};

/** What an entry takes beside the bytes of its value: objects, buffers' heads, its key in three places, its slot, and what is lost between them. Measured, in bytes. */
export const OVERHEAD = 2000;

/** What is made of answers, and pictures, which go as early as answers when memory is needed. */
type Derived = 'derived' | 'image';
type Kind = 'answer' | Derived;

interface Entry {
  readonly key: string;
  readonly kind: Kind;
  readonly value: Owned;
  readonly bytes: number;
  /** By the monotonic clock. */
  readonly expiresAt: number;
}

/** A call under way, when it was started and as whom. */
export interface Flight extends Owned {
  readonly startedAt: number;
  readonly settled: Promise<FlightOutcome>;
}

/** The place of one Connection: which entries are its own, and what is under way for it. */
class Shelf {
  readonly owner: Owner;
  /** Keys of its entries and their bytes, the one unused for longest first. */
  readonly keys = new Map<string, number>();
  /** The last of `keys`: a look that finds it again need not change their order. */
  newest = '';
  /** The key that a rendering was last found by, and the whole key it is kept under, which is long and need not be made again. */
  asked = '';
  found = '';
  readonly flights = new Map<string, Flight>();
  bytes = 0;
  /** What those at work with it are given. */
  cache: PrivateCache | null = null;
  /** How many are at work with it: while there are any it stays, so that a purge reaches what they will bring. */
  users = 0;
  open = true;

  constructor(owner: Owner) {
    this.owner = owner;
  }
}

/** What is remembered for one Connection, and for no other. After a purge it gives nothing and takes nothing. */
export interface PrivateCache {
  answer(key: string): Answered | undefined;
  /** Remembers what a call came to, unless a call that was started later already brought something newer. */
  keep(key: string, answered: Answered): void;
  drop(key: string): void;
  flight(name: string): Flight | undefined;
  /** Lets others join this call until it ends. */
  addFlight(name: string, flight: Flight): void;
  removeFlight(name: string, flight: Flight): void;
  /** Until when the provider asked not to be called, by the monotonic clock; 0 when it did not. */
  pausedUntil(): number;
  pause(until: number): void;
  leave(): void;
}

/** Index keys start with an id and a number, which hold no space, so that no two owners can make the same. */
const keyOf = ({ connection, generation }: Owner, kind: Kind, key: string): string =>
  `${connection} ${generation} ${kind} ${key}`;

/**
 * A private cache for each Connection, in one store of bounded size. Every entry is kept under its owner's id and generation and names
 * them once more inside its value: what is found under a key and names another owner is a bug, not an answer. When memory is needed,
 * expired entries, parsed answers and pictures are dropped before renderings, which save the most work; within each kind, the least recently used first.
 */
export class ConnectionCaches {
  readonly #clock: Clock;
  readonly #limits: CacheLimits;
  readonly #report: ReportMisplaced;
  readonly #entries: LRUCache<string, Entry>;
  readonly #shelves = new Map<ConnectionId, Shelf>();
  /** Keys of parsed answers and of pictures, the one unused for longest first. */
  readonly #answers = new Set<string>();
  readonly #pauses: LRUCache<ConnectionId, Owned & { readonly until: number }>;
  /** What the store let go of and the indexes still name. */
  #gone: Entry[] = [];
  #flights = 0;

  constructor(clock: Clock, limits: CacheLimits, report: ReportMisplaced) {
    this.#clock = clock;
    this.#limits = limits;
    this.#report = report;
    this.#entries = new LRUCache({
      maxSize: limits.bytes,
      sizeCalculation: ({ bytes }) => bytes,
      // Called in the middle of the library's own work: nothing may be changed here but our note.
      dispose: (entry) => void this.#gone.push(entry),
    });
    this.#pauses = new LRUCache({ max: limits.pauses });
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** What is derived from a Connection's answers; nothing that names another owner. */
  get(owner: Owner, key: string, kind: Derived = 'derived'): Owned | undefined {
    const shelf = this.#shelfOf(owner);
    const entry = shelf && this.#read(shelf, kind, key);
    if (entry === undefined || this.#clock.monotonic() < entry.expiresAt) return entry?.value;
    this.#remove(entry.key);
    return undefined;
  }

  /** Keeps what is derived from a Connection's answers until `expiresAt` at most; nothing that names another owner. */
  set(
    owner: Owner,
    key: string,
    value: Owned,
    bytes: number,
    expiresAt: number,
    kind: Derived = 'derived',
  ): void {
    const shelf = this.#enter(owner);
    this.#put(shelf, { key: keyOf(owner, kind, key), kind, value, bytes, expiresAt });
    this.#leave(shelf);
  }

  /** Drops everything of a Connection, and what those at work with it will bring. */
  purge(connection: ConnectionId): void {
    const shelf = this.#shelves.get(connection);
    if (shelf !== undefined) this.#close(shelf);
    this.#pauses.delete(connection);
  }

  /**
   * A Connection's cache, until its `leave` is called: once by each who was given it. A purge in the meantime closes it for all who are at
   * work with it.
   */
  enter(owner: Owner): PrivateCache {
    const shelf = this.#enter(owner);
    shelf.cache ??= this.#cacheOf(shelf);
    return shelf.cache;
  }

  #cacheOf(shelf: Shelf): PrivateCache {
    const { owner } = shelf;
    return {
      answer: (key) => this.#read(shelf, 'answer', key)?.value as Answered | undefined,
      keep: (key, answered) => {
        const newest = this.#read(shelf, 'answer', key)?.value as Answered | undefined;
        if (newest !== undefined && newest.sentAt > answered.sentAt) return;
        this.#put(shelf, {
          key: keyOf(owner, 'answer', key),
          kind: 'answer',
          value: answered,
          bytes: answered.memoryBytes,
          expiresAt: Number.POSITIVE_INFINITY,
        });
      },
      drop: (key) => this.#remove(keyOf(owner, 'answer', key)),
      flight: (name) => {
        const flight = shelf.flights.get(name);
        if (flight === undefined || isSameOwner(flight.owner, owner)) return flight;
        this.#report('call', owner);
        return undefined;
      },
      addFlight: (name, flight) => {
        if (!shelf.open || this.#flights >= this.#limits.flights) return;
        if (!shelf.flights.has(name)) this.#flights += 1;
        shelf.flights.set(name, flight);
      },
      removeFlight: (name, flight) => {
        if (shelf.flights.get(name) !== flight) return;
        shelf.flights.delete(name);
        this.#flights -= 1;
      },
      pausedUntil: () => {
        const pause = this.#pauses.get(owner.connection);
        return pause !== undefined && isSameOwner(pause.owner, owner) ? pause.until : 0;
      },
      pause: (until) => {
        if (shelf.open) this.#pauses.set(owner.connection, { owner, until });
      },
      leave: () => this.#leave(shelf),
    };
  }

  #shelfOf({ connection, generation }: Owner): Shelf | undefined {
    const shelf = this.#shelves.get(connection);
    return shelf?.owner.generation === generation ? shelf : undefined;
  }

  /** The place of this owner; one that closes an older generation's, and is closed itself where a newer one is known. */
  #enter(owner: Owner): Shelf {
    const known = this.#shelves.get(owner.connection);
    if (known !== undefined && known.owner.generation < owner.generation) this.#close(known);
    let shelf = this.#shelfOf(owner);
    if (shelf === undefined) {
      const { connection, generation } = owner;
      shelf = new Shelf({ connection, generation });
      if (this.#shelves.has(connection)) shelf.open = false;
      else this.#shelves.set(connection, shelf);
    }
    shelf.users += 1;
    return shelf;
  }

  #leave(shelf: Shelf): void {
    shelf.users -= 1;
    this.#tidy(shelf);
  }

  #tidy(shelf: Shelf): void {
    const { connection } = shelf.owner;
    if (shelf.users === 0 && shelf.keys.size === 0 && this.#shelves.get(connection) === shelf)
      this.#shelves.delete(connection);
  }

  #close(shelf: Shelf): void {
    shelf.open = false;
    this.#shelves.delete(shelf.owner.connection);
    this.#flights -= shelf.flights.size;
    shelf.flights.clear();
    const keys = [...shelf.keys.keys()];
    shelf.keys.clear();
    for (const key of keys) {
      this.#answers.delete(key);
      this.#entries.delete(key);
    }
    this.#gone = [];
  }

  /** An entry of this owner. What names another one was put in the wrong place: it is dropped, reported and not given out. */
  #read(shelf: Shelf, kind: Kind, key: string): Entry | undefined {
    if (!shelf.open) return undefined;
    const isSame = kind === 'derived' && shelf.asked === key;
    const full = isSame ? shelf.found : keyOf(shelf.owner, kind, key);
    const entry = this.#entries.get(full);
    if (entry === undefined) return undefined;
    if (kind === 'derived' && !isSame) {
      shelf.asked = key;
      shelf.found = full;
    }
    if (entry.key !== full || entry.kind !== kind || !isSameOwner(entry.value.owner, shelf.owner)) {
      this.#report(kind, shelf.owner);
      this.#remove(full);
      return undefined;
    }
    if (shelf.newest !== full) {
      shelf.keys.delete(full);
      shelf.keys.set(full, entry.bytes);
      shelf.newest = full;
    }
    if (kind !== 'derived') {
      this.#answers.delete(full);
      this.#answers.add(full);
    }
    return entry;
  }

  #put(shelf: Shelf, given: Entry): void {
    if (!shelf.open) return;
    if (!isSameOwner(given.value.owner, shelf.owner)) {
      this.#report(given.kind, shelf.owner);
      return;
    }
    const { key, kind } = given;
    const bytes = Math.max(1, Math.ceil(given.bytes)) + key.length + OVERHEAD;
    // What was there before is outdated, whether or not its replacement fits.
    this.#remove(key);
    if (bytes > Math.min(this.#limits.bytesPerConnection, this.#limits.bytes)) return;
    for (const own of shelf.keys.keys()) {
      if (shelf.bytes + bytes <= this.#limits.bytesPerConnection) break;
      this.#remove(own);
    }
    if (!this.#makeRoom(kind, bytes)) return;
    this.#entries.set(key, { ...given, bytes });
    this.#settle();
    shelf.keys.set(key, bytes);
    shelf.newest = key;
    shelf.bytes += bytes;
    if (kind !== 'derived') this.#answers.add(key);
  }

  /** False where only renderings that may still be shown are left, which go for no answer. */
  #makeRoom(kind: Kind, bytes: number): boolean {
    const now = this.#clock.monotonic();
    while (
      this.#entries.size >= this.#limits.entries ||
      this.#entries.calculatedSize + bytes > this.#limits.bytes
    ) {
      const [oldest] = this.#entries.rkeys();
      if (oldest === undefined) return true;
      const entry = this.#entries.peek(oldest);
      const isSpared = entry !== undefined && entry.kind === 'derived' && now < entry.expiresAt;
      const [answer] = isSpared ? this.#answers : [];
      if (isSpared && answer === undefined && kind !== 'derived') return false;
      this.#remove(answer ?? oldest);
    }
    return true;
  }

  #remove(key: string): void {
    this.#answers.delete(key);
    this.#entries.delete(key);
    this.#settle();
  }

  /** Takes what the store let go of out of the indexes. */
  #settle(): void {
    const gone = this.#gone;
    if (gone.length === 0) return;
    this.#gone = [];
    for (const { key, value, bytes } of gone) {
      this.#answers.delete(key);
      const shelf = this.#shelves.get(value.owner.connection);
      if (!shelf?.keys.delete(key)) continue;
      shelf.bytes -= bytes;
      this.#tidy(shelf);
    }
  }
}
