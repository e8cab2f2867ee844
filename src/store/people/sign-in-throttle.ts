import { isIPv6 } from 'node:net';
import type { Clock } from '../../domain/ports.js';
import type { Attempt, SignInThrottle } from '../../domain/sign-in.js';
import type { Database } from '../engine/database.js';
import { sql } from '../engine/sql.js';
import { DatabaseRateLimiter, inSeconds, waitFor } from './rate-limiter.js';

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
  const departures = limiter('departures', 60, 15 * MINUTE);
  const pairOf = ({ account: name, address }: Attempt): string =>
    JSON.stringify([accountOf(name), networkOf(address)]);

  return {
    async attempt(who) {
      // In this order, and no further than the first that refuses: what one address has too much of must neither use up what all
      // have together, nor fill the table with names that it makes up.
      const wait =
        (await waitFor(network, networkOf(who.address))) ||
        (await waitFor(pair, pairOf(who))) ||
        ((await known.get(pairOf(who))) === null ? await waitFor(account, accountOf(who.account)) : 0);
      return inSeconds(wait);
    },

    async departure(address) {
      return inSeconds(await waitFor(departures, networkOf(address)));
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
