import { createHash } from 'node:crypto';
import type { Clock } from '../domain/system.js';
import type { Database, Row } from './engine/database.js';
import { first, integer } from './engine/rows.js';
import { type Query, sql } from './engine/sql.js';

/** How often may be tried, and in how many seconds from the first try on. */
export interface RateLimit {
  /** What sets its keys apart from those of other limits. */
  readonly name: string;
  readonly tries: number;
  readonly seconds: number;
}

interface Tries {
  readonly tries: number;
  readonly expiresAt: number;
}

const triesOf = (row: Row): Tries => ({
  tries: integer(row, 'tries'),
  expiresAt: integer(row, 'expires_at'),
});

/**
 * Counts tries by key in our own database, and so for all processes together; by our own clock. What a clock dated further ahead than the
 * limit's time counts from when that is seen: it was set back since, or is another server's.
 */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(limit: RateLimit, database: Database, clock: Clock) {
    this.#limit = limit;
    this.#database = database;
    this.#clock = clock;
  }

  /** Counts one try, or several at once. Milliseconds until another is taken; 0 where they were. */
  async consume(key: string, tries = 1): Promise<number> {
    return this.#waitAfter(await this.#add(key, tries));
  }

  /** Milliseconds until a try is taken; 0 where one would be taken now. Counts nothing. */
  async fullFor(key: string): Promise<number> {
    const { tries, expiresAt } = (await this.#find(key)) ?? { tries: 0, expiresAt: 0 };
    return this.#waitAfter({ tries: tries + 1, expiresAt });
  }

  /** Takes back one try. */
  async giveBack(key: string): Promise<void> {
    await this.#add(key, -1);
  }

  /** Whether anything is known of a key. */
  async has(key: string): Promise<boolean> {
    return (await this.#find(key)) !== null;
  }

  /** Notes a key as tried once, from now on. */
  async note(key: string): Promise<void> {
    await this.#add(key, 1, true);
  }

  async forget(key: string): Promise<void> {
    await this.#database.write(sql`delete from sign_in_tries where key_hash = ${this.#hashOf(key)}`);
  }

  #waitAfter({ tries, expiresAt }: Tries): number {
    return tries <= this.#limit.tries ? 0 : Math.max(1, expiresAt - this.#clock.now());
  }

  /** When what is tried now for the first time is forgotten. */
  #endAt(now: number): number {
    return now + this.#limit.seconds * 1000;
  }

  /** A name that was typed may be a password: no key is kept in clear. */
  #hashOf(key: string): string {
    return createHash('sha256').update(`${this.#limit.name}:${key}`).digest('base64url');
  }

  async #find(key: string): Promise<Tries | null> {
    const now = this.#clock.now();
    const hash = this.#hashOf(key);
    const rows = await this.#database.read(sql`
      select tries, expires_at from sign_in_tries where key_hash = ${hash} and expires_at > ${now}`);
    const found = first(rows, triesOf);
    const latest = this.#endAt(now);
    if (found === null || found.expiresAt <= latest) return found;
    await this.#database.write(sql`
      update sign_in_tries set expires_at = ${latest} where key_hash = ${hash} and expires_at > ${latest}`);
    return { ...found, expiresAt: latest };
  }

  async #add(key: string, tries: number, startAgain = false): Promise<Tries> {
    const now = this.#clock.now();
    const over: Query = startAgain ? sql`true` : sql`sign_in_tries.expires_at <= ${now}`;
    // A try that is taken back after its time is over was forgotten already.
    const fresh = Math.max(0, tries);
    const rows = await this.#database.write(sql`
      insert into sign_in_tries (key_hash, tries, expires_at)
      values (${this.#hashOf(key)}, ${fresh}, ${this.#endAt(now)})
      on conflict (key_hash) do update set
        tries = case when ${over} then ${fresh} else sign_in_tries.tries + ${tries} end,
        expires_at = case
          when ${over} or sign_in_tries.expires_at > excluded.expires_at then excluded.expires_at
          else sign_in_tries.expires_at end
      returning tries, expires_at`);
    const added = first(rows, triesOf);
    if (added === null) throw new Error('A try was counted and its count not given back.');
    return added;
  }
}

/** In the seconds of people and `Retry-After`; null where no one has to wait. */
export const inSeconds = (wait: number): number | null => (wait === 0 ? null : Math.ceil(wait / 1000));

const QUARTER_OF_AN_HOUR = 15 * 60;

/** The limit on tokens that one viewer pastes: each is sent to the provider, and none that is someone else's shall be found by trying. */
export class PasteThrottle {
  readonly #limiter: RateLimiter;

  constructor(database: Database, clock: Clock) {
    const limit = { name: 'pasted-token', tries: 10, seconds: QUARTER_OF_AN_HOUR };
    this.#limiter = new RateLimiter(limit, database, clock);
  }

  /** Counts one more token of a viewer. Seconds to wait where there were too many; null: go on. */
  async attempt(viewer: string): Promise<number | null> {
    return inSeconds(await this.#limiter.consume(viewer));
  }
}

/** The limit on dry runs of one actor: each of them asks other people's servers many things, with wrong secrets too. */
export class DryRunThrottle {
  readonly #limiter: RateLimiter;

  constructor(database: Database, clock: Clock) {
    const limit = { name: 'dry-run', tries: 60, seconds: QUARTER_OF_AN_HOUR };
    this.#limiter = new RateLimiter(limit, database, clock);
  }

  /** Counts one more attempt of `who`. Seconds to wait where there were too many; null: go on. */
  async attempt(who: string): Promise<number | null> {
    return inSeconds(await this.#limiter.consume(who));
  }
}

/** Limits on requests; the caller says which. */
export class RequestThrottle {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Counts so many requests of a key at once. Seconds to wait where there were too many; null: go on. */
  async take(limit: RateLimit, key: string, requests: number): Promise<number | null> {
    return inSeconds(await new RateLimiter(limit, this.#database, this.#clock).consume(key, requests));
  }
}
