import { LRUCache } from 'lru-cache';
import type { Misplaced, ReportMisplaced } from '../domain/misplaced.js';
import type { Clock } from '../domain/system.js';
import type { Database, Row } from './engine/database.js';
import { integer, maybe, text } from './engine/rows.js';
import { engines, sql } from './engine/sql.js';

/**
 * Something that another process may remember was changed: a Connection by its id, a frame session by its bearer's hash, or what a viewer
 * chose in a gadget by its mark.
 */
export interface Change {
  readonly kind: string;
  readonly subject: string;
}

/** For how long a change by another process may go unseen, ms. */
const UNSEEN = 2000;
/** Older than this the next look is started before anyone has to wait for it, ms. */
const AHEAD = 1000;
/** More at once cannot be distinguished: everything is forgotten. */
const MOST = 5000;
/** Changes are kept for so many seconds; a server that was away for longer forgets everything. */
const KEPT = 600;

interface Look {
  /** Started at, by the monotonic clock: what was committed before is known. */
  readonly at: number;
  readonly last: number;
  /** Transactions from this number on may still have been under way. */
  readonly horizon: number;
  readonly seen: ReadonlySet<number>;
}

const maybeInteger = maybe(integer);

/**
 * What other processes changed, read on from the last change that is known. One small read for all that is remembered takes the place of
 * reading each row again: what the feed does not name is as it was.
 */
export class ChangeFeed {
  readonly #database: Pick<Database, 'read' | 'write'>;
  readonly #clock: Clock;
  readonly #onChange: (change: Change) => void;
  readonly #forgetAll: () => void;
  readonly #most: number;
  #look: Look | null = null;
  #looking: Promise<void> | null = null;

  constructor(
    database: Pick<Database, 'read' | 'write'>,
    clock: Clock,
    then: {
      readonly onChange: (change: Change) => void;
      readonly forgetAll: () => void;
      /** How many changes are distinguished at once. */
      readonly most?: number;
    },
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#onChange = then.onChange;
    this.#forgetAll = then.forgetAll;
    this.#most = then.most ?? MOST;
  }

  /** Whether everything that was committed two seconds ago is known. Looks ahead when that will soon be over. */
  isCurrent(now = this.#clock.monotonic()): boolean {
    if (this.#look === null) return false;
    const age = now - this.#look.at;
    // A failed look is reported to the callers that have to wait for it.
    if (age > AHEAD && this.#looking === null) this.#share().catch(() => undefined);
    return age < UNSEEN;
  }

  /** Looks as soon as it can, by a read that starts after now: someone has changed something. */
  async lookAgain(): Promise<void> {
    const before = this.#looking;
    // What it failed for is reported to those who have to wait for a look.
    await before?.catch(() => undefined);
    // Others who waited for the same one may have started the next.
    await this.#share().catch(() => undefined);
  }

  /** Resolves when everything that was committed two seconds ago is known. */
  async look(): Promise<void> {
    const asked = this.#clock.monotonic();
    // A read that was shared may have been started too long ago.
    do await this.#share();
    while (this.#look === null || this.#look.at + UNSEEN <= asked);
  }

  #share(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Drops what every server has read. */
  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`
      delete from change
      where at < ${Math.floor(now / 1000) - KEPT} and seq < (select max(seq) from change)`);
  }

  async #read(): Promise<void> {
    const at = this.#clock.monotonic();
    const before = this.#look;
    const rows = before === null ? await this.#start() : await this.#after(before);
    const [first] = rows;
    if (first === undefined) throw new Error('The changes of others could not be read.');
    const found = rows.flatMap((row) => {
      const seq = maybeInteger(row, 'seq');
      return seq === null ? [] : [{ seq, kind: text(row, 'kind'), subject: text(row, 'subject') }];
    });
    const last = Math.max(before?.last ?? 0, integer(first, 'newest'));
    const isGap = before !== null && integer(first, 'oldest') > before.last + 1;
    if (before === null || isGap || found.length > this.#most) this.#forgetAll();
    else for (const change of found) if (!before.seen.has(change.seq)) this.#onChange(change);
    this.#look = { at, last, horizon: integer(first, 'horizon'), seen: new Set(found.map(({ seq }) => seq)) };
  }

  #start(): Promise<readonly Row[]> {
    return this.#database.read(
      engines(
        sql`
          select coalesce(max(seq), 0) as newest, 0 as oldest, 0 as horizon,
            null as seq, null as kind, null as subject
          from change`,
        sql`
          select coalesce(max(seq), 0) as newest, 0::bigint as oldest,
            txid_snapshot_xmin(txid_current_snapshot()) as horizon,
            null::bigint as seq, null as kind, null as subject
          from change`,
      ),
    );
  }

  #after({ last, horizon }: Look): Promise<readonly Row[]> {
    return this.#database.read(
      engines(
        sql`
          select (select coalesce(max(seq), 0) from change) as newest,
            (select coalesce(min(seq), 0) from change) as oldest, 0 as horizon, seq, kind, subject
          from (select 1) as one left join change on seq > ${last}
          order by seq limit ${this.#most + 1}`,
        sql`
          select (select coalesce(max(seq), 0) from change) as newest,
            (select coalesce(min(seq), 0) from change) as oldest,
            txid_snapshot_xmin(txid_current_snapshot()) as horizon, seq, kind, subject
          from (select 1) as one left join change on xid >= ${horizon}
          order by seq limit ${this.#most + 1}`,
      ),
    );
  }
}

interface Kept<V> {
  readonly key: string;
  readonly value: V;
  /** By the monotonic clock. */
  readonly until: number;
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
  readonly feed?: Pick<ChangeFeed, 'isCurrent' | 'look'>;
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
