import type { Rendered } from '../../domain/rendering.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import type { Bearers } from './bearer.js';
import type { Renderings } from './renderings.js';

/** Seconds after which a frame asks again for what is still being rendered. */
const ASK_AGAIN = '1';

const bytesOf = ({ body }: Rendered): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);

/**
 * `GET /frame/content`: the fragment, 304 when the frame has these very bytes, or 202 while it is being rendered. The ETag
 * belongs to this fetch alone; the answer itself may be kept by nobody.
 */
export const contentRoute =
  (bearers: Bearers, renderings: Renderings) =>
  async (ctx: Context): Promise<void> => {
    const session = await bearers.live(ctx);
    const rendered = await renderings.of(session);
    frameAnswer(ctx);
    ctx.state.log.gadget = session.gadget;
    if (rendered === null) {
      ctx.set('Retry-After', ASK_AGAIN);
      ctx.status = 202;
      ctx.body = '';
      return;
    }
    const { response } = ctx;
    response.set('ETag', rendered.etag);
    response.set('X-Oriel-State', rendered.state);
    if (rendered.fetchedAt !== null)
      response.set('X-Oriel-Fetched-At', new Date(rendered.fetchedAt).toISOString());
    if (rendered.stale) response.set('X-Oriel-Stale', '1');
    ctx.state.log.state = rendered.state;
    if (ctx.req.headers['if-none-match'] === rendered.etag) {
      ctx.status = 304;
      return;
    }
    response.set('Content-Type', 'text/html; charset=utf-8');
    ctx.body = bytesOf(rendered);
  };
