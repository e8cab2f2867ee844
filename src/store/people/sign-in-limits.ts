import type { Attempt, Lane } from '../../domain/administrator-sign-in.js';
import { networkOf } from '../../domain/ip-addresses.js';
import type { Clock } from '../../domain/system.js';
import type { Database } from '../engine/database.js';
import { sql } from '../engine/sql.js';
import { inSeconds, RateLimiter } from '../rate-limits.js';

/** A limit on one key. */
interface Limit {
  readonly limiter: RateLimiter;
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

const MINUTE = 60;
const QUARTER = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;

/** One person's network: who has one IPv6 address has 2⁶⁴ of them. */
const OWN = { v4: 32, v6: 64 };

/** What one holder of addresses has at least, at most usually, and at most without asking; and how many tries it has. */
const NETWORKS = [
  { prefix: OWN, tries: 40, redirects: 60 },
  { prefix: { v4: 32, v6: 56 }, tries: 60, redirects: 90 },
  { prefix: { v4: 24, v6: 48 }, tries: 80, redirects: 120 },
] as const;

const WIDEST = NETWORKS[2].prefix;

const accountOf = (name: string): string => name.normalize('NFKC').toLowerCase();

const pairOf = ({ account, address }: Attempt): string =>
  JSON.stringify([accountOf(account), networkOf(address, OWN)]);

/** Every limit, by a limiter of its own. */
const limitersIn = (database: Database, clock: Clock) => {
  const limiter = (name: string, tries: number, seconds: number) =>
    new RateLimiter({ name, tries, seconds }, database, clock);
  return {
    again: limiter('again', 6, QUARTER),
    pair: limiter('pair', 6, QUARTER),
    account: limiter('account', 100, QUARTER),
    together: limiter('strangers', 200, MINUTE),
    known: limiter('known', 1, 30 * DAY),
    redirectAgain: limiter('redirect-again', 30, QUARTER),
    redirectsTogether: limiter('redirects-together', 300, MINUTE),
    knownAddress: limiter('known-address', 1, 30 * DAY),
    networks: NETWORKS.map(({ prefix, tries, redirects }, index) => ({
      prefix,
      tries: limiter(`network-${index}`, tries, QUARTER),
      redirects: limiter(`redirects-${index}`, redirects, QUARTER),
    })),
  };
};

/**
 * How often an administrator may fail to sign in, on all processes together. It slows guessing down, locks no one out for good, and lets no
 * one lock another person out. Three lanes:
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
export class SignInThrottle {
  readonly #database: Database;
  readonly #limiters: ReturnType<typeof limitersIn>;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#limiters = limitersIn(database, clock);
  }

  /** Counts one try, before it is judged. Seconds to wait where there were too many, and then nothing was counted; null: go on. */
  async attempt(who: Attempt): Promise<number | null> {
    return inSeconds(await takeAll(await this.#limitsOf(who)));
  }

  /** The try that was just counted could not be judged: it is taken back. */
  async unjudged(who: Attempt): Promise<void> {
    await giveBack(await this.#limitsOf(who));
  }

  async laneOf(who: Attempt): Promise<Lane> {
    return who.signedIn !== undefined || (await this.#isKnown(who))
      ? { kind: 'first' }
      : { kind: 'stranger', network: networkOf(who.address, WIDEST) };
  }

  /** It was the right password: forgets the tries of this account from this address, and knows the address from now on. */
  async succeeded(who: Attempt): Promise<void> {
    const { pair, again, known } = this.#limiters;
    const limits = await this.#limitsOf(who);
    await giveBack(limits.filter(({ limiter }) => limiter !== pair && limiter !== again));
    await pair.forget(pairOf(who));
    if (who.signedIn !== undefined) await again.forget(who.signedIn);
    await known.note(pairOf(who));
  }

  /** Counts one person who is sent to the identity provider: what is remembered of them takes memory. Seconds to wait, or null. */
  async redirect({ address, signedIn }: Omit<Attempt, 'account'>): Promise<number | null> {
    const { redirectAgain, redirectsTogether, knownAddress } = this.#limiters;
    const own = this.#networkLimits('redirects', address);
    const isKnownAddress = await knownAddress.has(networkOf(address, OWN));
    const strangers = [...own, { limiter: redirectsTogether, key: 'all' }];
    const limits =
      signedIn === undefined
        ? isKnownAddress
          ? own.slice(0, 1)
          : strangers
        : [{ limiter: redirectAgain, key: signedIn }];
    return inSeconds(await takeAll(limits));
  }

  /** The person came back from the identity provider and was let in: the address is known from now on. */
  async arrived(address: string): Promise<void> {
    await this.#limiters.knownAddress.note(networkOf(address, OWN));
  }

  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`delete from sign_in_tries where expires_at <= ${now}`);
  }

  #isKnown(who: Attempt): Promise<boolean> {
    return this.#limiters.known.has(pairOf(who));
  }

  #networkLimits(of: 'tries' | 'redirects', address: string): readonly Limit[] {
    return this.#limiters.networks.map((network) => ({
      limiter: network[of],
      key: networkOf(address, network.prefix),
    }));
  }

  async #limitsOf(who: Attempt): Promise<readonly Limit[]> {
    const { again, pair, account, together } = this.#limiters;
    if (who.signedIn !== undefined) return [{ limiter: again, key: who.signedIn }];
    const own = { limiter: pair, key: pairOf(who) };
    if (await this.#isKnown(who)) return [own];
    return [
      own,
      ...this.#networkLimits('tries', who.address),
      { limiter: account, key: accountOf(who.account) },
      { limiter: together, key: 'all' },
    ];
  }
}
