import { isIPv6 } from 'node:net';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../domain/ports.js';
import type { Attempt, SignInThrottle } from '../domain/sign-in.js';
import type { Database } from './database.js';
import { DatabaseRateLimiter } from './rate-limiter.js';
import { sql } from './sql.js';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** One person's network: who has one IPv6 address has 2⁶⁴ of them. */
const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const behind = tail.split(':').filter((group) => group !== '');
  const zeros = address.includes('::') ? 8 - groups.length - behind.length : 0;
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...behind].slice(0, 4).join(':');
};

const accountOf = (name: string): string => name.normalize('NFKC').toLowerCase();

/** Milliseconds until a limiter takes another try; 0 where it took this one. */
const waitFor = async (limiter: DatabaseRateLimiter, key: string): Promise<number> => {
  try {
    await limiter.consume(key);
    return 0;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext);
    throw refusal;
  }
};

/**
 * Three limits on guessing passwords. *From one address at one account* few tries: whoever guesses there locks out that address
 * alone, so nobody can lock out an administrator from elsewhere. *From one address at all accounts* more, for offices behind
 * one address. *At one account from everywhere* many: only guessing from very many addresses meets it, and it spares an
 * address from which that account was signed in to lately, so that even such guessing does not keep its owner out.
 */
export const signInThrottle = (
  database: Database,
  clock: Clock,
): SignInThrottle & { sweep(now: number): Promise<void> } => {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new DatabaseRateLimiter({ keyPrefix, points, duration }, database, clock);
  const pair = limiter('pair', 6, 15 * MINUTE);
  const network = limiter('network', 40, 15 * MINUTE);
  const account = limiter('account', 100, 15 * MINUTE);
  const known = limiter('known', 1, 30 * DAY);
  const pairOf = ({ account: name, address }: Attempt): string =>
    JSON.stringify([accountOf(name), networkOf(address)]);

  return {
    async attempt(who) {
      const near = Math.max(
        await waitFor(network, networkOf(who.address)),
        await waitFor(pair, pairOf(who)),
      );
      // What one address has too much of must not use up what all have together.
      const isFree = near > 0 || (await known.get(pairOf(who))) !== null;
      const wait = isFree ? near : await waitFor(account, accountOf(who.account));
      return wait === 0 ? null : Math.ceil(wait / 1000);
    },

    async succeeded(who) {
      await pair.delete(pairOf(who));
      await network.reward(networkOf(who.address));
      if ((await known.get(pairOf(who))) === null) await account.reward(accountOf(who.account));
      await known.set(pairOf(who), 1, 30 * DAY);
    },

    async sweep(now) {
      await database.write(sql`delete from sign_in_tries where expires_at <= ${now}`);
    },
  };
};
