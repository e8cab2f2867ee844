import { createHash, timingSafeEqual } from 'node:crypto';
import { createSession } from 'koa-session';
import type { SignedIn } from '../../domain/sign-in.js';
import type { Context } from '../context.js';
import { hostPrefix, setSecure } from '../site/flow-cookies.js';
import type { Notice } from './route.js';
import type { AdminWeb } from './web.js';

/** For how long a session lasts without a request, ms; how long in all is the story's to say. */
export const ADMIN_IDLE = 30 * 60_000;

/** Who is signed in to the console in this browser. */
export interface AdminSession {
  signedIn(): SignedIn | null;
  /** A new session, with a new key and a new form token: whatever was planted or seen before is of no use. */
  open(signedIn: SignedIn): Promise<void>;
  /** The same session, confirmed. */
  confirmed(at: number): void;
  close(): void;
  /** Belongs into each form of this session. Empty without a session. */
  formToken(): string;
  isFormToken(given: string | undefined): boolean;
  leave(notice: Notice): void;
  takeNotice(): Notice | null;
}

interface Content {
  signedIn?: SignedIn;
  formToken?: string;
  notice?: Notice;
  regenerate(): Promise<void>;
}

/** The part of a Koa context that koa-session adds; `opening` while the session is one that this very request makes. */
interface SessionScope {
  session: Content | null;
  opening?: boolean;
}

// Of equal length whatever was given, so that the comparison tells nothing.
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const sessionIn = (scope: SessionScope, { entropy }: Pick<AdminWeb, 'entropy'>): AdminSession => ({
  signedIn: () => scope.session?.signedIn ?? null,
  async open(signedIn) {
    scope.session = {} as Content;
    const { session } = scope;
    session.signedIn = signedIn;
    session.formToken = entropy.secret().reveal();
    scope.opening = true;
    await session.regenerate();
  },
  confirmed(at) {
    const { session } = scope;
    if (session?.signedIn !== undefined) session.signedIn = { ...session.signedIn, confirmedAt: at };
  },
  close() {
    scope.session = null;
  },
  formToken: () => scope.session?.formToken ?? '',
  isFormToken(given) {
    const expected = scope.session?.formToken;
    if (expected === undefined || given === undefined) return false;
    return timingSafeEqual(digestOf(given), digestOf(expected));
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

const storeOf = ({ webSessions, clock }: Pick<AdminWeb, 'webSessions' | 'clock'>) => ({
  async get(key: string) {
    const content = await webSessions.get(key, clock.now());
    return content === null ? undefined : JSON.parse(content);
  },
  set(key: string, content: unknown, _maxAge: unknown, { ctx }: { readonly ctx?: SessionScope }) {
    // A request that was under way while its person signed out must not bring the session back.
    const keep = ctx?.opening === true ? webSessions.set : webSessions.replace;
    return keep(key, JSON.stringify(content), clock.now() + ADMIN_IDLE);
  },
  destroy: (key: string) => webSessions.destroy(key),
});

/** Runs `work` with the request's session, and stores it afterwards, also when `work` throws. */
export type WithAdminSession = (
  ctx: Context,
  work: (session: AdminSession) => Promise<void>,
) => Promise<void>;

/**
 * The console's session, by koa-session, beside that of My connections and unknown to it. The cookie is never sent with a request that
 * another site began (SameSite=Strict); its value is 256 random bits under whose hash the store keeps the rest.
 */
export const adminSessions = (web: AdminWeb): WithAdminSession => {
  const context = {};
  const middleware = createSession(
    {
      key: `${hostPrefix(web.siteOrigin)}oriel-admin`,
      maxAge: ADMIN_IDLE,
      rolling: true,
      httpOnly: true,
      sameSite: 'strict',
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
    await middleware(scope, () => work(sessionIn(scope, web)));
  };
};
