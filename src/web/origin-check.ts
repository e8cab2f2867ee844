import { AppError } from '../domain/errors.js';
import type { Context, Middleware } from './context.js';

/** Whether a request was sent by a page of exactly this origin. */
export const isSameOrigin = (ctx: Context, origin: string): boolean =>
  ctx.get('Origin') === origin && ctx.get('Sec-Fetch-Site') === 'same-origin';

/**
 * Refuses what was not sent by a page of exactly this origin. Both headers are set by the browser and cannot be forged by
 * another site's page; a request without them did not come from one of our pages.
 */
export const requireSameOrigin = (ctx: Context, origin: string): void => {
  if (!isSameOrigin(ctx, origin)) throw new AppError('origin_refused');
};

/** `requireSameOrigin` as middleware. */
export const sameOrigin =
  (origin: string): Middleware =>
  (ctx, next) => {
    requireSameOrigin(ctx, origin);
    return next();
  };
