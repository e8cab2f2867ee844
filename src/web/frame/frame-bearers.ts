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

const missing = (): AppError => new AppError('session_missing');
const expired = (): AppError => new AppError('session_expired');

/** Finds the frame session of a request by its bearer (RFC 6750 §2.1), which is kept only in the frame's memory. */
export class FrameBearers {
  readonly #web: Pick<FrameWeb, 'clock' | 'digest' | 'gadgetOrigin' | 'sessions'>;

  constructor(web: Pick<FrameWeb, 'clock' | 'digest' | 'gadgetOrigin' | 'sessions'>) {
    this.#web = web;
  }

  /** A session in force, where memory knows it without waiting. */
  recall(ctx: Context): FrameSession | undefined {
    const session = this.#web.sessions.recall(this.#presentedHash(ctx));
    return session === undefined || session.expiresAt <= this.#web.clock.now() ? undefined : session;
  }

  /** A session in force; throws `session_missing` and `session_expired`. */
  async live(ctx: Context): Promise<FrameSession> {
    const session = await this.#web.sessions.byBearer(this.#presentedHash(ctx));
    if (session === null) throw missing();
    // What this request is refused for is said in the frame's language.
    ctx.state.locale = session.locale;
    if (session.expiresAt <= this.#web.clock.now()) throw expired();
    return session;
  }

  /** A session that may be renewed: in force, or expired for at most twelve hours. */
  async renewable(ctx: Context): Promise<Presented> {
    const bearerHash = this.#presentedHash(ctx);
    const session = await this.#web.sessions.byBearer(bearerHash);
    if (session === null) throw missing();
    if (session.expiresAt + FRAME_SESSION_RENEWABLE <= this.#web.clock.now()) throw expired();
    return { session, bearerHash };
  }

  #presentedHash(ctx: Context): string {
    const { origin, authorization } = ctx.req.headers;
    if (origin !== undefined && origin !== this.#web.gadgetOrigin) throw new AppError('origin_refused');
    const bearer = BEARER.exec(authorization ?? '')?.[1];
    if (bearer === undefined) throw missing();
    return this.#web.digest.sha256(bearer);
  }
}
