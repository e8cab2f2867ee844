import { createHash, timingSafeEqual } from 'node:crypto';
import type { SignedIn } from '../domain/administrator-sign-in.js';
import type { Context } from '../web/context.js';
import { type WebSession, webSessionsOf } from '../web/web-session.js';

type SessionDeps = Parameters<typeof webSessionsOf>[0];

interface Content {
  readonly signedIn: SignedIn;
  readonly formToken: string;
}

/** Who is signed in to the console in this browser. */
export interface AdminSession extends Pick<WebSession<Content>, 'close' | 'leave' | 'takeNotice'> {
  signedIn(): SignedIn | null;
  /** A new session, with a new key and a new form token. */
  open(signedIn: SignedIn): Promise<void>;
  /** The same session, confirmed. */
  confirmed(at: number): void;
  /** Belongs into each form of this session. Empty without a session. */
  formToken(): string;
  isFormToken(given: string | undefined): boolean;
}

// Of equal length for any input, so that the comparison reveals nothing.
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

const adminSession = (
  { kept, keep, open, ...session }: WebSession<Content>,
  { entropy }: Pick<SessionDeps, 'entropy'>,
): AdminSession => ({
  ...session,
  signedIn: () => kept().signedIn ?? null,
  open: (signedIn) => open({ signedIn, formToken: entropy.secret().reveal() }),
  confirmed(at) {
    const { signedIn } = kept();
    if (signedIn !== undefined) keep({ signedIn: { ...signedIn, confirmedAt: at } });
  },
  formToken: () => kept().formToken ?? '',
  isFormToken(given) {
    const { formToken } = kept();
    if (formToken === undefined || given === undefined) return false;
    return timingSafeEqual(digestOf(given), digestOf(formToken));
  },
});

/** Runs `work` with the request's session, and stores it afterwards, also when `work` throws. */
export type WithAdminSession = (
  ctx: Context,
  work: (session: AdminSession) => Promise<void>,
) => Promise<void>;

/**
 * The console's sessions. They end after thirty minutes without a request; `findSignedIn` decides how long they may last in total. Their
 * cookie is never sent with a request that another site started.
 */
export const adminSessions = (deps: SessionDeps): WithAdminSession => {
  const kind = { name: 'oriel-admin', sameSite: 'strict', idle: 30 * 60_000 } as const;
  const withSession = webSessionsOf<Content>(deps, kind);
  return (ctx, work) => withSession(ctx, (session) => work(adminSession(session, deps)));
};
