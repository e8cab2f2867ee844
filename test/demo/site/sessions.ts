import { randomBytes } from 'node:crypto';
import { type Person, personByLogin } from '../people.js';
import type { Handler, Web } from './web.js';

/** One browser at one application. */
export interface Session {
  readonly id: string;
  readonly csrf: string;
  login: string | null;
  /** Shown once, on the next page. */
  notice: string | null;
}

export interface Sessions {
  /** Puts session and person into the request's state; starts no session by itself. */
  readonly recognise: Handler;
  /** This browser's session, started if there was none. */
  open(ctx: Web): Session;
  /** Starts a new session for a person: the id changes, so one known before signing in no longer works. */
  signIn(ctx: Web, person: Person): void;
  signOut(ctx: Web): void;
}

const random = (): string => randomBytes(24).toString('base64url');

/** Sessions in memory under a cookie of the application's own name: cookies do not distinguish ports. */
export const sessions = (cookie: string): Sessions => {
  const live = new Map<string, Session>();

  const begin = (ctx: Web, login: string | null): Session => {
    const session: Session = { id: random(), csrf: random(), login, notice: null };
    live.set(session.id, session);
    ctx.cookies.secure = ctx.get('x-forwarded-proto') === 'https';
    ctx.cookies.set(cookie, session.id, { httpOnly: true, sameSite: 'lax', path: '/', overwrite: true });
    ctx.state.session = session;
    ctx.state.person = login ? personByLogin(login) : null;
    return session;
  };
  const end = (ctx: Web): void => {
    if (ctx.state.session) live.delete(ctx.state.session.id);
  };

  return {
    recognise: async (ctx, next) => {
      ctx.state.session = live.get(ctx.cookies.get(cookie) ?? '') ?? null;
      ctx.state.person = ctx.state.session?.login ? personByLogin(ctx.state.session.login) : null;
      await next();
    },
    open: (ctx) => ctx.state.session ?? begin(ctx, null),
    signIn: (ctx, person) => {
      end(ctx);
      begin(ctx, person.login);
    },
    signOut: (ctx) => {
      end(ctx);
      begin(ctx, null);
    },
  };
};
