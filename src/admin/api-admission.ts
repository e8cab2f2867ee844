import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
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

/** What may be asked of this process: how much by one API key, and by one address with keys that are not ours. */
export class ApiLimits {
  readonly #keys: RequestLimit;
  readonly #addresses: RequestLimit;

  /** Requests a minute; `names`: how many keys, and addresses, are remembered at most. `now` is a clock in ms that is never set back. */
  constructor(
    { perKey, badKeys }: { readonly perKey: number; readonly badKeys: number },
    names: number,
    now: () => number,
  ) {
    this.#keys = new RequestLimit({ most: perKey, window: MINUTE, names }, now);
    this.#addresses = new RequestLimit({ most: badKeys, window: MINUTE, names }, now);
  }

  /** One more request with this key, by its id. Seconds to wait where that is too many, else null. */
  attemptByKey(id: string): number | null {
    return this.#keys.attempt(id);
  }

  /** One more request from this address with a key that is not ours. Seconds to wait where that is too many, else null. */
  attemptByBadKey(address: string): number | null {
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
    const seconds = apiLimits.attemptByKey(admitted.key.id);
    if (seconds !== null) throw tooMany(ctx, seconds, 'This API key sent too many requests.');
    return admitted;
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'api_key_invalid')) throw error;
    const seconds = apiLimits.attemptByBadKey(ctx.state.client);
    if (seconds !== null) throw tooMany(ctx, seconds, 'Too many requests with unknown API keys.');
    throw error;
  }
}
