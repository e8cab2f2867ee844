import type { FrameSession } from '../../domain/frame-session.js';
import { hasEnded } from '../../render/usable-connections.js';
import type { Context } from '../context.js';
import { FRAME_ANSWER } from '../headers.js';
import type { Bearers } from './bearer.js';
import type { FrameWeb } from './frame-web.js';

const TAG = /^"([\w.-]{1,2000})"$/;

/**
 * `GET /frame/standing` with `If-None-Match`: 304 while everything that the frame's data stands on is as it was, else `{ended}`,
 * which says whether what is shown must go at once. Visible frames ask it every few seconds, so it does nothing else: no provider is
 * asked, no session lengthened, no use of a Connection noted, and an unchanged answer leaves a line in the log at level debug alone.
 */
export const standingRoute = (bearers: Bearers, renderings: FrameWeb['renderings']) => {
  const answer = (ctx: Context, { gadget }: FrameSession, standing: string): void => {
    ctx.state.log.gadget = gadget;
    for (const [name, value] of Object.entries(FRAME_ANSWER)) ctx.res.setHeader(name, value);
    ctx.res.setHeader('ETag', `"${standing}"`);
    const before = TAG.exec(ctx.req.headers['if-none-match'] ?? '')?.[1];
    if (before === standing) {
      ctx.state.isRoutine = true;
      ctx.status = 304;
      return;
    }
    ctx.body = { ended: before !== undefined && hasEnded(before, standing) };
  };

  const look = async (ctx: Context): Promise<void> => {
    const session = await bearers.live(ctx);
    answer(ctx, session, await renderings.standing(session));
  };

  return (ctx: Context): Promise<void> | undefined => {
    const session = bearers.recall(ctx);
    const standing = session && renderings.recallStanding(session);
    if (session === undefined || standing === undefined) return look(ctx);
    answer(ctx, session, standing);
    return undefined;
  };
};
