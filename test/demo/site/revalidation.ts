import { createHash } from 'node:crypto';
import type { Web } from './web.js';

/**
 * Answers with a body that a client may revalidate: 304 when it names the same ETag. A `Cache-Control: no-cache` of the
 * client changes nothing, as with Rails.
 */
export const sendRevalidated = (ctx: Web, type: string, body: string): void => {
  const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
  ctx.set({ ETag: etag, 'Cache-Control': 'private, max-age=0, must-revalidate' });
  const known = ctx
    .get('if-none-match')
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''));
  if (known.includes(etag)) {
    ctx.status = 304;
    return;
  }
  ctx.status = 200;
  ctx.type = `${type}; charset=utf-8`;
  ctx.body = body;
};
