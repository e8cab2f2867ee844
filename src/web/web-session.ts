import { createSession } from 'koa-session';
import type { Clock, Entropy } from '../domain/system.js';
import type { Viewer } from '../domain/viewer.js';
import type { WebSessionStore } from '../store/people/web-session-store.js';
import type { Context } from './context.js';
import { hostPrefix, setSecure } from './cookies.js';

/** What a page says once, after something was done. */
export interface Notice {
  readonly kind: 'good' | 'warning' | 'bad';
  readonly message: string;
}

/** A person's session in this browser, as far as it is the same for viewers and administrators. */
export interface WebSession<Content> {
  /** What is kept; nothing of it without a session. */
  kept(): Partial<Content>;
  /** A new session under a new key: whatever was planted or seen before is of no use. */
  open(content: Content): Promise<void>;
  /** The same session, with this in it. Nothing happens without a session. */
  keep(part: Partial<Content>): void;
  /** The same session, without this. */
  drop(part: keyof Content): void;
  close(): void;
  /** Tells the next page that takes it. */
  leave(notice: Notice): void;
  takeNotice(): Notice | null;
}

/** Runs `work` with the request's session, and stores it afterwards, also when `work` throws. */
export type WithWebSession<Content> = (
  ctx: Context,
  work: (session: WebSession<Content>) => Promise<void>,
) => Promise<void>;

interface Web {
  readonly siteOrigin: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly webSessions: WebSessionStore;
}

interface SessionKind<Content> {
  /** Of its cookie. */
  readonly name: string;
  readonly sameSite: 'lax' | 'strict';
  /** For how long it lasts without a request, ms. */
  readonly idle: number;
  /** Whose it is, where it is a viewer's: it ends when they are forgotten. */
  readonly viewer?: (content: Partial<Content>) => Viewer | undefined;
}

type Kept<Content> = Partial<Content> & { notice?: Notice; regenerate(): Promise<void> };

/** The part of a Koa context that koa-session adds; `opening` while the session is one that this very request makes. */
interface Scope<Content> {
  session: Kept<Content> | null;
  opening?: boolean;
}

const sessionIn = <Content>(scope: Scope<Content>): WebSession<Content> => ({
  kept: () => scope.session ?? {},
  async open(content) {
    scope.opening = true;
    scope.session = { ...content } as Kept<Content>;
    await scope.session.regenerate();
  },
  keep(part) {
    if (scope.session !== null) Object.assign(scope.session, part);
  },
  drop(part) {
    if (scope.session !== null) delete scope.session[part];
  },
  close() {
    scope.session = null;
  },
  leave(notice) {
    if (scope.session !== null) scope.session.notice = notice;
  },
  takeNotice() {
    const notice = scope.session?.notice ?? null;
    if (scope.session !== null) delete scope.session.notice;
    return notice;
  },
});

const storeOf = <Content>({ webSessions, clock }: Web, { idle, viewer }: SessionKind<Content>) => ({
  async get(key: string) {
    const content = await webSessions.get(key, clock.now());
    return content === null ? undefined : JSON.parse(content);
  },
  set(
    key: string,
    content: Partial<Content>,
    _maxAge: unknown,
    { changed, ctx }: { readonly changed?: boolean; readonly ctx?: Scope<Content> },
  ) {
    // The row says when it ends; koa-session's own note of it would contradict a session that merely goes on.
    const text = JSON.stringify({ ...content, _expire: undefined, _maxAge: undefined });
    const expiresAt = clock.now() + idle;
    if (ctx?.opening === true) return webSessions.set(key, text, expiresAt, viewer?.(content));
    // A request that was under way while the session ended must not bring it back, nor who was there before; and one that changed
    // nothing must not undo what another changed in the meantime.
    return changed === true ? webSessions.replace(key, text, expiresAt) : webSessions.prolong(key, expiresAt);
  },
  destroy: (key: string) => webSessions.destroy(key),
});

/**
 * Sessions of one kind, by koa-session. The cookie is not signed: its value is 256 random bits that mean nothing outside the store, which
 * a signature could not make harder to guess. koa-session adds its property to a context that derives from the request's, not to the
 * application's: so it touches no other route, and sessions of another kind may stand beside it, unknown to it.
 */
export const webSessionsOf = <Content extends object>(
  web: Web,
  kind: SessionKind<Content>,
): WithWebSession<Content> => {
  const context = {};
  const middleware = createSession(
    {
      key: `${hostPrefix(web.siteOrigin)}${kind.name}`,
      maxAge: kind.idle,
      rolling: true,
      httpOnly: true,
      sameSite: kind.sameSite,
      secure: web.siteOrigin.startsWith('https:'),
      signed: false,
      genid: () => web.entropy.secret().reveal(),
      store: storeOf(web, kind),
    },
    { use: () => undefined, context },
  );
  return async (ctx, work) => {
    setSecure(ctx, web.siteOrigin);
    const scope = Object.create(ctx, Object.getOwnPropertyDescriptors(context)) as Scope<Content>;
    await middleware(scope, () => work(sessionIn(scope)));
  };
};
