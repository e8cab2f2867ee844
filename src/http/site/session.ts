import { createSession } from 'koa-session';
import type { Visitor } from '../../connect/connections.js';
import { viewerOf } from '../../domain/viewer.js';
import type { Context } from '../context.js';
import { hostPrefix, setSecure } from './flow-cookies.js';
import type { SiteWeb } from './web.js';

const IDLE = 15 * 60_000;

/** What My connections says once, on the page after a Disconnect. */
export interface Notice {
  readonly kind: 'good' | 'warning';
  readonly message: string;
}

export interface ViewerSession {
  visitor(): Visitor | null;
  /** A new session for this visitor; whoever was there before is gone. */
  open(visitor: Visitor): Promise<void>;
  close(): void;
  leave(notice: Notice): void;
  takeNotice(): Notice | null;
}

/** Runs `work` with the request's session, and stores it afterwards, also when `work` throws. */
export type WithSession = (ctx: Context, work: (session: ViewerSession) => Promise<void>) => Promise<void>;

interface Content {
  visitor?: { readonly host: string; readonly sub: string; readonly name: string | null };
  notice?: Notice;
  regenerate(): Promise<void>;
}

/** The part of a Koa context that koa-session adds; `opening` while the session is one that this very request makes. */
interface SessionScope {
  session: Content | null;
  opening?: boolean;
}

const sessionIn = (scope: SessionScope): ViewerSession => ({
  visitor() {
    const kept = scope.session?.visitor;
    return kept === undefined ? null : { viewer: viewerOf(kept.host, kept.sub), name: kept.name };
  },
  async open({ viewer, name }) {
    scope.opening = true;
    scope.session = {} as Content;
    const { session } = scope;
    session.visitor = { host: viewer.host, sub: viewer.sub, name };
    await session.regenerate();
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

const storeOf = ({ webSessions, clock }: Pick<SiteWeb, 'webSessions' | 'clock'>) => ({
  async get(key: string) {
    const content = await webSessions.get(key, clock.now());
    return content === null ? undefined : JSON.parse(content);
  },
  set(
    key: string,
    content: Pick<Content, 'visitor'>,
    _maxAge: unknown,
    { ctx }: { readonly ctx?: SessionScope },
  ) {
    const { visitor } = content;
    const viewer = visitor && viewerOf(visitor.host, visitor.sub);
    const expiresAt = clock.now() + IDLE;
    // A request that was under way while the session ended must not bring it back, nor who was there before.
    return ctx?.opening === true
      ? webSessions.set(key, JSON.stringify(content), expiresAt, viewer)
      : webSessions.replace(key, JSON.stringify(content), expiresAt);
  },
  destroy: (key: string) => webSessions.destroy(key),
});

/**
 * The session of My connections, by koa-session. Its cookie is not signed: its value is 256 random bits that mean nothing outside the
 * store, which a signature could not make harder to guess. koa-session adds its property to a context that derives from the request's,
 * not to the application's: so it touches no other route, and another session may stand beside it.
 */
export const viewerSessions = (web: SiteWeb): WithSession => {
  const context = {};
  const middleware = createSession(
    {
      key: `${hostPrefix(web.siteOrigin)}oriel-viewer`,
      maxAge: IDLE,
      rolling: true,
      httpOnly: true,
      sameSite: 'lax',
      secure: web.siteOrigin.startsWith('https:'),
      signed: false,
      genid: () => web.entropy.secret().reveal(),
      store: storeOf(web),
    },
    { use: () => undefined, context },
  );
  return async (ctx, work) => {
    setSecure(ctx, web.siteOrigin);
    const scope = Object.create(ctx, Object.getOwnPropertyDescriptors(context)) as SessionScope;
    await middleware(scope, () => work(sessionIn(scope)));
  };
};
