import type { Attempt, SignInThrottle } from '../../domain/administrator-sign-in.js';
import { networkOf } from '../../domain/ip-addresses.js';
import type { Clock } from '../../domain/system.js';
import type { Database } from '../engine/database.js';
import { sql } from '../engine/sql.js';
import { DatabaseRateLimiter, giveBack, inSeconds, type Limit, takeAll } from './rate-limiter.js';

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
