import type { Context } from '../context.js';

/** Leads on: without a page there is no history entry, and nothing of it stays behind but where it leads. */
export const seeOther = (ctx: Context, url: string): void => {
  ctx.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', Location: url });
  ctx.status = 303;
  ctx.body = '';
};
