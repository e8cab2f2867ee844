import { createHash } from 'node:crypto';
import type { IRateLimiterOptions } from 'rate-limiter-flexible';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import RateLimiterStore from 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js';
import type { Clock } from '../../domain/system.js';
import type { Database, Row } from '../engine/database.js';
import { first, integer } from '../engine/rows.js';
import { type Query, sql } from '../engine/sql.js';

interface Tries {
  readonly tries: number;
  readonly expiresAt: number;
}

const triesOf = (row: Row): Tries => ({
  tries: integer(row, 'tries'),
  expiresAt: integer(row, 'expires_at'),
});

/** A name that somebody typed may be a password: no key is kept in clear. */
const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

/** A limiter that counts in our own database, and so for all processes together; by our own clock. */
export class DatabaseRateLimiter extends RateLimiterStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(options: IRateLimiterOptions, database: Database, clock: Clock) {
    super(options);
    this.#database = database;
    this.#clock = clock;
  }

  override async _upsert(key: string, points: number, duration: number, afresh: boolean): Promise<unknown> {
    const now = this.#clock.now();
    const over: Query = afresh ? sql`true` : sql`sign_in_tries.expires_at <= ${now}`;
    // A try that is taken back after its time is over was forgotten already.
    const fresh = Math.max(0, points);
    const rows = await this.#database.write(sql`
      insert into sign_in_tries (key_hash, tries, expires_at) values (${hashOf(key)}, ${fresh}, ${now + duration})
      on conflict (key_hash) do update set
        tries = case when ${over} then ${fresh} else sign_in_tries.tries + ${points} end,
        expires_at = case when ${over} then excluded.expires_at else sign_in_tries.expires_at end
      returning tries, expires_at`);
    return first(rows, triesOf);
  }

  override async _get(key: string): Promise<unknown> {
    const rows = await this.#database.read(sql`
      select tries, expires_at from sign_in_tries
      where key_hash = ${hashOf(key)} and expires_at > ${this.#clock.now()}`);
    return first(rows, triesOf);
  }

  override async _delete(key: string): Promise<boolean> {
    const rows = await this.#database.write(sql`
      delete from sign_in_tries where key_hash = ${hashOf(key)} returning key_hash`);
    return rows.length > 0;
  }

  override _getRateLimiterRes(_key: string, changed: number, stored: unknown): RateLimiterRes {
    const { tries, expiresAt } = stored as Tries;
    return new RateLimiterRes(
      Math.max(0, this.points - tries),
      Math.max(0, expiresAt - this.#clock.now()),
      tries,
      tries === changed,
    );
  }
}

/** Milliseconds until a limiter takes another try; 0 where it took this one. */
export const waitFor = async (limiter: DatabaseRateLimiter, key: string): Promise<number> => {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
    throw refusal;
  }
};

/** A limit on one key. */
export interface Limit {
  readonly limiter: DatabaseRateLimiter;
  readonly key: string;
}

/** Milliseconds until a limit takes another try; 0 where it would take one now. Counts nothing. */
const fullFor = async ({ limiter, key }: Limit): Promise<number> => {
  const found = await limiter.get(key);
  return found !== null && found.consumedPoints >= limiter.points ? Math.max(1, found.msBeforeNext) : 0;
};

/** Takes back what was counted once of each. */
export const giveBack = async (limits: readonly Limit[]): Promise<void> => {
  for (const { limiter, key } of limits) await limiter.reward(key);
};

/**
 * Counts one try against all limits together, or against none: one that a limit refuses is nobody else's, and a flood of refused ones
 * writes nothing. Milliseconds to wait; 0 where it was counted.
 */
export const takeAll = async (limits: readonly Limit[]): Promise<number> => {
  const full = Math.max(...(await Promise.all(limits.map(fullFor))));
  if (full > 0) return full;
  const taken: Limit[] = [];
  for (const limit of limits) {
    // Others may be quicker since it was looked at.
    const wait = await waitFor(limit.limiter, limit.key);
    taken.push(limit);
    if (wait === 0) continue;
    await giveBack(taken);
    return wait;
  }
  return 0;
};

/** As people and `Retry-After` are told; null where nobody has to wait. */
export const inSeconds = (wait: number): number | null => (wait === 0 ? null : Math.ceil(wait / 1000));
