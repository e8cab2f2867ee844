import { AppError } from '../domain/errors.js';
import type { Secret } from '../domain/secret.js';
import type { Context } from '../web/context.js';
import type { ApiKeys } from './api-keys/use-cases.js';
import type { ApiWeb } from './api-web.js';

/** Lets a request in by its key. Throws as `ApiKeys.authenticate` does, and `too_many_requests` with `Retry-After`. */
export type Admission = (
  ctx: Context,
  given: Secret | null,
  keys: Pick<ApiKeys, 'authenticate'>,
) => ReturnType<ApiKeys['authenticate']>;

const tooMany = (ctx: Context, seconds: number, what: string): AppError => {
  ctx.set('Retry-After', String(seconds));
  return new AppError('too_many_requests', `${what} Try again in ${seconds} seconds.`);
};

/**
 * Two limits. What one key may ask: a script that runs wild must not take the server from others. How often one address may come with
 * keys that are none: these are told apart from good ones first, so that nobody's good key is refused for what a neighbour sends.
 */
export const admission =
  ({ limits }: Pick<ApiWeb, 'limits'>): Admission =>
  async (ctx, given, keys) => {
    let admitted: Awaited<ReturnType<ApiKeys['authenticate']>>;
    try {
      admitted = await keys.authenticate(given);
    } catch (error) {
      if (error instanceof AppError && error.code === 'api_key_invalid') {
        const seconds = limits.badKey(ctx.state.client);
        if (seconds !== null)
          throw tooMany(ctx, seconds, 'Too many requests came with keys that are not known.');
      }
      throw error;
    }
    const seconds = limits.key(admitted.key.id);
    if (seconds !== null) throw tooMany(ctx, seconds, 'This API key asks too often.');
    return admitted;
  };
