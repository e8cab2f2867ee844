import type { Clock } from '../../domain/system.js';
import type { Database } from '../engine/database.js';
import type { Throttle } from '../stores.js';
import { DatabaseRateLimiter, inSeconds } from './rate-limiter.js';

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
