import { createHash } from 'node:crypto';
import type { Attempt, SignInThrottle } from '../domain/administrator-sign-in.js';
import { networkOf } from '../domain/ip-addresses.js';
import type { Clock } from '../domain/system.js';
import type { Database, Row } from './engine/database.js';
import { first, integer } from './engine/rows.js';
import { type Query, sql } from './engine/sql.js';

/** How often may be tried, and in how many seconds from the first try on. */
interface RateLimit {
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

/** Counts tries by key in our own database, and so for all processes together; by our own clock. */
class DatabaseRateLimiter {
  readonly #limit: RateLimit;
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(limit: RateLimit, database: Database, clock: Clock) {
    this.#limit = limit;
    this.#database = database;
    this.#clock = clock;
  }

  /** Counts one try. Milliseconds until another is taken; 0 where this one was. */
  async consume(key: string): Promise<number> {
    return this.#waitAfter(await this.#add(key, 1));
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

  /** A name that was typed may be a password: no key is kept in clear. */
  #hashOf(key: string): string {
    return createHash('sha256').update(`${this.#limit.name}:${key}`).digest('base64url');
  }

  async #find(key: string): Promise<Tries | null> {
    const rows = await this.#database.read(sql`
      select tries, expires_at from sign_in_tries
      where key_hash = ${this.#hashOf(key)} and expires_at > ${this.#clock.now()}`);
    return first(rows, triesOf);
  }

  async #add(key: string, tries: number, startAgain = false): Promise<Tries> {
    const now = this.#clock.now();
    const over: Query = startAgain ? sql`true` : sql`sign_in_tries.expires_at <= ${now}`;
    // A try that is taken back after its time is over was forgotten already.
    const fresh = Math.max(0, tries);
    const rows = await this.#database.write(sql`
      insert into sign_in_tries (key_hash, tries, expires_at)
      values (${this.#hashOf(key)}, ${fresh}, ${now + this.#limit.seconds * 1000})
      on conflict (key_hash) do update set
        tries = case when ${over} then ${fresh} else sign_in_tries.tries + ${tries} end,
        expires_at = case when ${over} then excluded.expires_at else sign_in_tries.expires_at end
      returning tries, expires_at`);
    const added = first(rows, triesOf);
    if (added === null) throw new Error('A try was counted and its count not given back.');
    return added;
  }
}

/** A limit on one key. */
interface Limit {
  readonly limiter: DatabaseRateLimiter;
  readonly key: string;
}

/** Takes back what was counted once of each. */
const giveBack = async (limits: readonly Limit[]): Promise<void> => {
  for (const { limiter, key } of limits) await limiter.giveBack(key);
};

/**
 * Counts one try against all limits together, or against none: one that a limit refuses counts against no other limit, and a flood of
 * refused ones writes nothing. Milliseconds to wait; 0 where it was counted.
 */
const takeAll = async (limits: readonly Limit[]): Promise<number> => {
  const full = Math.max(...(await Promise.all(limits.map(({ limiter, key }) => limiter.fullFor(key)))));
  if (full > 0) return full;
  const taken: Limit[] = [];
  for (const limit of limits) {
    // Others may be quicker since it was looked at.
    const wait = await limit.limiter.consume(limit.key);
    taken.push(limit);
    if (wait === 0) continue;
    await giveBack(taken);
    return wait;
  }
  return 0;
};

/** In the seconds of people and `Retry-After`; null where no one has to wait. */
const inSeconds = (wait: number): number | null => (wait === 0 ? null : Math.ceil(wait / 1000));

const MINUTE = 60;
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;

/** One person's network: who has one IPv6 address has 2⁶⁴ of them. */
const OWN = { v4: 32, v6: 64 };

/** What one holder of addresses has at least, at most usually, and at most without asking; and how many tries it has. */
const NETWORKS = [
  { prefix: OWN, tries: 40, departures: 60 },
  { prefix: { v4: 32, v6: 56 }, tries: 60, departures: 90 },
  { prefix: { v4: 24, v6: 48 }, tries: 80, departures: 120 },
] as const;

const WIDEST = NETWORKS[2].prefix;

const accountOf = (name: string): string => name.normalize('NFKC').toLowerCase();

const pairOf = ({ account, address }: Attempt): string =>
  JSON.stringify([accountOf(account), networkOf(address, OWN)]);

/**
 * Limits on guessing passwords that let no one lock another person out. Three lanes:
 *
 * *Signed in*: a person who re-authenticates has tries of their own, which only their own session uses up.
 *
 * *Known*: an account at an address (of IPv6: a /64) from which it signed in within 30 days has six tries in a quarter of an hour, and
 * nothing that happens elsewhere, or at other names there, counts against it.
 *
 * *Strangers*: six tries of an account from an address; 40 from an address at all, 60 from a /56, 80 from a /48 (of IPv4: a /24), so that
 * many addresses of one holder are one holder; 100 at one account, in a quarter of an hour each; and 200 a minute of all strangers
 * together, which keeps the rest of the server its processor. A distributed attack so makes strangers wait, a minute at a time, and
 * no one else.
 */
export const signInThrottle = (
  database: Database,
  clock: Clock,
): SignInThrottle & { sweep(now: number): Promise<void> } => {
  const limiter = (name: string, tries: number, seconds: number) =>
    new DatabaseRateLimiter({ name, tries, seconds }, database, clock);
  const limiters = {
    again: limiter('again', 6, QUARTER),
    pair: limiter('pair', 6, QUARTER),
    account: limiter('account', 100, QUARTER),
    together: limiter('strangers', 200, MINUTE),
    known: limiter('known', 1, 30 * DAY),
    departureAgain: limiter('departure-again', 30, QUARTER),
    departuresTogether: limiter('departures-together', 300, MINUTE),
    knownAddress: limiter('known-address', 1, 30 * DAY),
  };
  const networks = NETWORKS.map(({ prefix, tries, departures }, index) => ({
    prefix,
    tries: limiter(`network-${index}`, tries, QUARTER),
    departures: limiter(`departures-${index}`, departures, QUARTER),
  }));
  const networkLimits = (of: 'tries' | 'departures', address: string): readonly Limit[] =>
    networks.map((network) => ({ limiter: network[of], key: networkOf(address, network.prefix) }));

  const isKnown = (who: Attempt): Promise<boolean> => limiters.known.has(pairOf(who));

  const limitsOf = async (who: Attempt): Promise<readonly Limit[]> => {
    if (who.signedIn !== undefined) return [{ limiter: limiters.again, key: who.signedIn }];
    const pair = { limiter: limiters.pair, key: pairOf(who) };
    if (await isKnown(who)) return [pair];
    return [
      pair,
      ...networkLimits('tries', who.address),
      { limiter: limiters.account, key: accountOf(who.account) },
      { limiter: limiters.together, key: 'all' },
    ];
  };

  return {
    attempt: async (who) => inSeconds(await takeAll(await limitsOf(who))),

    unjudged: async (who) => giveBack(await limitsOf(who)),

    async laneOf(who) {
      return who.signedIn !== undefined || (await isKnown(who))
        ? { kind: 'first' }
        : { kind: 'stranger', network: networkOf(who.address, WIDEST) };
    },

    async succeeded(who) {
      const limits = await limitsOf(who);
      await giveBack(limits.filter(({ limiter: each }) => each !== limiters.pair && each !== limiters.again));
      await limiters.pair.forget(pairOf(who));
      if (who.signedIn !== undefined) await limiters.again.forget(who.signedIn);
      await limiters.known.note(pairOf(who));
    },

    async departure({ address, signedIn }) {
      const own = networkLimits('departures', address);
      const isKnownAddress = await limiters.knownAddress.has(networkOf(address, OWN));
      const strangers = [...own, { limiter: limiters.departuresTogether, key: 'all' }];
      const limits =
        signedIn === undefined
          ? isKnownAddress
            ? own.slice(0, 1)
            : strangers
          : [{ limiter: limiters.departureAgain, key: signedIn }];
      return inSeconds(await takeAll(limits));
    },

    async arrived(address) {
      await limiters.knownAddress.note(networkOf(address, OWN));
    },

    async sweep(now) {
      await database.write(sql`delete from sign_in_tries where expires_at <= ${now}`);
    },
  };
};

/** Limits how often the same thing may be done, over all processes together. */
export interface Throttle {
  /** Counts one more attempt of `who`. Seconds to wait where there were too many; null: go on. */
  attempt(who: string): Promise<number | null>;
}

const QUARTER_OF_AN_HOUR = 15 * 60;

/** The limit on dry runs of one actor: each of them asks other people's servers many things, with wrong secrets too. */
export const dryRunThrottle = (database: Database, clock: Clock): Throttle => {
  const limiter = new DatabaseRateLimiter(
    { name: 'dry-run', tries: 60, seconds: QUARTER_OF_AN_HOUR },
    database,
    clock,
  );
  return { attempt: async (who) => inSeconds(await limiter.consume(who)) };
};
