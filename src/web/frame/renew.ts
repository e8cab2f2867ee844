import { AppError } from '../../domain/errors.js';
import { FRAME_SESSION_LIFE, type FrameSession, type HostClaims } from '../../domain/frame-session.js';
import { canonical } from '../../gadgets/parameters.js';
import { gadgetOfHost } from '../../render/frame-renderings.js';
import { readJson } from '../body.js';
import type { Context } from '../context.js';
import { frameAnswer } from '../headers.js';
import type { FrameBearers } from './frame-bearers.js';
import type { FrameWeb } from './frame-web.js';
import { readToken } from './launch.js';

const LARGEST_BODY = 16 * 1024;

/** Renewal changes nothing but the expiry, so the token must say what the launch's token said. */
const isSame = (session: FrameSession, claims: HostClaims): boolean =>
  claims.viewer.id === session.viewer.id &&
  (claims.gadget === null || claims.gadget === session.gadget) &&
  canonical(claims.params) === session.locks;

/** `POST /frame/renew` with a fresh host token; the bearer stays the same. */
export const renewRoute = (web: FrameWeb, bearers: FrameBearers) => {
  const { clock, directory, hostTokens, sessions } = web;
  return async (ctx: Context): Promise<void> => {
    const { session, bearerHash } = await bearers.renewable(ctx);
    const { token } = await readJson(ctx, LARGEST_BODY);
    const host = directory.host(session.viewer.host);
    if (host === undefined) throw new AppError('host_unknown');
    gadgetOfHost(directory, host, session.gadget);
    const claims = await hostTokens.verify(host, readToken(typeof token === 'string' ? token : undefined));
    if (!isSame(session, claims)) throw new AppError('viewer_changed');
    const { jti, replayableUntil } = claims;
    const renewed = { ...session, expiresAt: clock.now() + FRAME_SESSION_LIFE };
    if (!(await sessions.renew({ session: renewed, bearerHash, jti, replayableUntil })))
      throw new AppError(
        'token_replayed',
        {},
        'The token’s “jti” was used before: make a new token for each request, and do not let any cache store the token endpoint’s response.',
      );
    frameAnswer(ctx);
    ctx.body = { expiresIn: FRAME_SESSION_LIFE / 1000 };
  };
};
