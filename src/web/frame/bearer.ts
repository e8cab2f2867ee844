import { AppError } from '../../domain/errors.js';
import { FRAME_SESSION_RENEWABLE, type FrameSession } from '../../domain/frame-session.js';
import type { Context } from '../context.js';
import type { FrameWeb } from './frame-web.js';

const BEARER = /^Bearer ([\w-]{43})$/i;

/** A request with the frame's bearer, its session found. */
export interface Presented {
  readonly session: FrameSession;
  readonly bearerHash: string;
}

/** Finds the frame session of a request by its bearer (RFC 6750 §2.1), which is kept nowhere but in the frame's memory. */
export interface Bearers {
  /** A session in force, where memory knows it without waiting. */
  recall(ctx: Context): FrameSession | undefined;
  /** A session in force; throws `session_missing` and `session_expired`. */
  live(ctx: Context): Promise<FrameSession>;
  /** A session that may be renewed: in force, or expired for at most twelve hours. */
  renewable(ctx: Context): Promise<Presented>;
}

const missing = (): AppError => new AppError('session_missing');
const expired = (): AppError => new AppError('session_expired');

export const bearers = ({ clock, digest, gadgetOrigin, sessions }: FrameWeb): Bearers => {
  /** The hash of the bearer that a request presents. */
  const presentedHash = (ctx: Context): string => {
    const { origin, authorization } = ctx.req.headers;
    if (origin !== undefined && origin !== gadgetOrigin) throw new AppError('origin_refused');
    const bearer = BEARER.exec(authorization ?? '')?.[1];
    if (bearer === undefined) throw missing();
    return digest.sha256(bearer);
  };
  return {
    recall(ctx) {
      const session = sessions.recall(presentedHash(ctx));
      return session === undefined || session.expiresAt <= clock.now() ? undefined : session;
    },
    async live(ctx) {
      const session = await sessions.byBearer(presentedHash(ctx));
      if (session === null) throw missing();
      // What this request is refused for is said in the frame's language.
      ctx.state.locale = session.locale;
      if (session.expiresAt <= clock.now()) throw expired();
      return session;
    },
    async renewable(ctx) {
      const bearerHash = presentedHash(ctx);
      const session = await sessions.byBearer(bearerHash);
      if (session === null) throw missing();
      if (session.expiresAt + FRAME_SESSION_RENEWABLE <= clock.now()) throw expired();
      return { session, bearerHash };
    },
  };
};
