import { AppError } from '../domain/errors.js';
import type { Context } from './context.js';

/**
 * Refuses what was not sent by a page of exactly this origin. Both headers are set by the browser and cannot be forged by
 * another site's page; a request without them did not come from one of our pages.
 */
export const requireSameOrigin = (ctx: Context, origin: string): void => {
  if (ctx.get('Origin') !== origin || ctx.get('Sec-Fetch-Site') !== 'same-origin')
    throw new AppError('origin_refused', 'This request did not come from our own page.');
};
