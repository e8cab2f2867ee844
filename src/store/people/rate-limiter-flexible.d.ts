// The package's index loads every store it knows; these two modules are all that is used of it.

/** The base class of the package's stores, which it documents and does not export. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
  import type { IRateLimiterOptions, RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';

  const RateLimiterStore: abstract new (
    options: IRateLimiterOptions,
  ) => RateLimiterAbstract & {
    /** Adds points to a key, or with `afresh` sets them and its time; resolves with what `_getRateLimiterRes` takes. */
    _upsert(key: string, points: number, duration: number, afresh: boolean): Promise<unknown>;
    _get(key: string): Promise<unknown>;
    _delete(key: string): Promise<boolean>;
    _getRateLimiterRes(key: string, changed: number, stored: unknown): RateLimiterRes;
  };
  export = RateLimiterStore;
}

/** What a limiter tells of a key; thrown where it refuses. */
declare module 'rate-limiter-flexible/lib/RateLimiterRes.js' {
  import { RateLimiterRes } from 'rate-limiter-flexible';

  export = RateLimiterRes;
}
