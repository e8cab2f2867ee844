import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import { DatabaseTrouble } from '../store/database-trouble.js';
import type { RateLimit, RequestThrottle } from '../store/rate-limits.js';
import type { Context } from '../web/context.js';
import { authenticateApiKey } from './api-keys/use-cases.js';

/** At most so many in a window of so many ms. */
interface RequestLimitOptions {
  readonly most: number;
  readonly window: number;
  /** So many names are remembered at most; beyond that the oldest is forgotten. */
  readonly names: number;
}

const MINUTE = 60_000;

interface Window {
  readonly startedAt: number;
  count: number;
}

/** Counts what each name asks for in this process, window by window. */
class RequestLimit {
  readonly #options: RequestLimitOptions;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  /** `now` is a clock in ms that is never set back. */
  constructor(options: RequestLimitOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  /** Counts one more. Seconds to wait where that is too many, else null. */
  attempt(name: string): number | null {
    const now = this.#now();
    const { most, window, names } = this.#options;
    const known = this.#windows.get(name);
    const current =
      known !== undefined && now < known.startedAt + window ? known : { startedAt: now, count: 0 };
    current.count += 1;
    if (current !== known) {
      // Inserted again, so that the first in order is the oldest.
      this.#windows.delete(name);
      this.#windows.set(name, current);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > names && oldest !== undefined) this.#windows.delete(oldest);
    }
    return current.count <= most ? null : Math.max(1, Math.ceil((current.startedAt + window - now) / 1000));
  }
}

/** Requests are counted in the database so many at a time: in that many parts of a limit. */
const PARTS = 30;

/** What was counted ahead of one name's requests, or until when it is refused; by a clock in ms that is never set back. */
interface Share {
  left: number;
  readonly until: number;
  readonly isRefused: boolean;
}

/**
 * A limit for all processes together. Each counts in the database for several requests ahead, so that few of them wait for it; while it
 * takes no writes, each process counts by itself.
 */
class SharedLimit {
  readonly #own: RequestLimit;
  readonly #limit: RateLimit;
  readonly #names: number;
  readonly #throttle: Pick<RequestThrottle, 'take'>;
  readonly #now: () => number;
  readonly #shares = new Map<string, Share>();
  readonly #taking = new Map<string, Promise<void>>();

  constructor(
    { name, most, names }: { readonly name: string; readonly most: number; readonly names: number },
    throttle: Pick<RequestThrottle, 'take'>,
    now: () => number,
  ) {
    this.#own = new RequestLimit({ most, window: MINUTE, names }, now);
    this.#limit = { name, tries: most, seconds: MINUTE / 1000 };
    this.#names = names;
    this.#throttle = throttle;
    this.#now = now;
  }

  /** Counts one more. Seconds to wait where that is too many, else null. */
  async attempt(name: string): Promise<number | null> {
    const own = this.#own.attempt(name);
    if (own !== null) return own;
    try {
      for (;;) {
        const seconds = this.#fromShare(name);
        if (seconds !== undefined) return seconds;
        // Many that come at once wait for one count.
        const taking = this.#taking.get(name) ?? this.#take(name).finally(() => this.#taking.delete(name));
        this.#taking.set(name, taking);
        await taking;
      }
    } catch (error) {
      if (error instanceof DatabaseTrouble) return null;
      throw error;
    }
  }

  /** As `attempt`, by what was counted ahead; undefined where nothing is left of it. */
  #fromShare(name: string): number | null | undefined {
    const now = this.#now();
    const share = this.#shares.get(name);
    if (share === undefined || now >= share.until) return undefined;
    if (share.isRefused) return Math.max(1, Math.ceil((share.until - now) / 1000));
    if (share.left === 0) return undefined;
    share.left -= 1;
    return null;
  }

  async #take(name: string): Promise<void> {
    const requests = Math.max(1, Math.floor(this.#limit.tries / PARTS));
    const seconds = await this.#throttle.take(this.#limit, name, requests);
    const isRefused = seconds !== null;
    const until = this.#now() + (isRefused ? seconds * 1000 : MINUTE);
    this.#shares.delete(name);
    this.#shares.set(name, { left: requests, until, isRefused });
    const [oldest] = this.#shares.keys();
    if (this.#shares.size > this.#names && oldest !== undefined) this.#shares.delete(oldest);
  }
}

/** What may be asked of all processes together: how much by one API key, and by one address with keys that are not ours. */
export class ApiLimits {
  readonly #keys: SharedLimit;
  readonly #addresses: SharedLimit;

  /** Requests a minute; `names`: how many keys, and addresses, are remembered at most. `now` is a clock in ms that is never set back. */
  constructor(
    { perKey, badKeys }: { readonly perKey: number; readonly badKeys: number },
    names: number,
    throttle: Pick<RequestThrottle, 'take'>,
    now: () => number,
  ) {
    this.#keys = new SharedLimit({ name: 'api-key', most: perKey, names }, throttle, now);
    this.#addresses = new SharedLimit({ name: 'unknown-api-key', most: badKeys, names }, throttle, now);
  }

  /** One more request with this key, by its id. Seconds to wait where that is too many, else null. */
  attemptByKey(id: string): Promise<number | null> {
    return this.#keys.attempt(id);
  }

  /** One more request from this address with a key that is not ours. Seconds to wait where that is too many, else null. */
  attemptByBadKey(address: string): Promise<number | null> {
    return this.#addresses.attempt(address);
  }
}

const tooMany = (ctx: Context, seconds: number, what: string): AppError => {
  ctx.set('Retry-After', String(seconds));
  return new AppError('too_many_requests', `${what} Try again in ${seconds} seconds.`);
};

/**
 * Lets a request in by its key. Throws as `authenticateApiKey` does, and `too_many_requests` with `Retry-After`. There are two limits: for
 * one key, so that a script that runs wild does not take the server from others; and for one address that sends keys that are not ours.
 * These are recognized first, so that no valid key is refused for what a neighbor sends.
 */
export async function admitByKey(
  deps: Parameters<typeof authenticateApiKey>[0] & { readonly apiLimits: ApiLimits },
  ctx: Context,
  given: Secret | null,
): ReturnType<typeof authenticateApiKey> {
  const { apiLimits } = deps;
  try {
    const admitted = await authenticateApiKey(deps, given);
    const seconds = await apiLimits.attemptByKey(admitted.key.id);
    if (seconds !== null) throw tooMany(ctx, seconds, 'This API key sent too many requests.');
    return admitted;
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'api_key_invalid')) throw error;
    const seconds = await apiLimits.attemptByBadKey(ctx.state.client);
    if (seconds !== null) throw tooMany(ctx, seconds, 'Too many requests with unknown API keys.');
    throw error;
  }
}
