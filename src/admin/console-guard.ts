import { AppError } from '../domain/errors.js';
import { readForm } from '../web/body.js';
import type { Context } from '../web/context.js';
import { requireSameOrigin } from '../web/origin-check.js';
import type { ConsoleDeps, Entrance, PublicRoute } from './console-route.js';
import type { AdminSession, WithAdminSession } from './console-session.js';
import { pathHere } from './local-path.js';
import { seeOther, showPage, showRefusal } from './page-frame.js';
import { findSignedIn } from './people/sign-in.js';

/** Certificates are pasted into forms. */
const LARGEST_FORM = 128 * 1024;

/** Name of the field that carries the form token. */
const FORM_TOKEN = 'form-token';

const reads = (ctx: Context): boolean => ctx.method === 'GET' || ctx.method === 'HEAD';

const isOpen = (ctx: Context, routes: readonly PublicRoute[]): boolean => {
  const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
  return routes.some((route) => route.path === ctx.path && route.method.toUpperCase() === method);
};

const visitorIn = async (deps: ConsoleDeps, session: AdminSession): Promise<Entrance['visitor']> => {
  const signedIn = session.signedIn();
  if (signedIn === null) return null;
  const admin = await findSignedIn(deps, signedIn);
  if (admin !== null) return { admin, signedIn };
  session.close();
  return null;
};

/** The fields of a form of ours, without the token that proves it to be. */
const checkedForm = async (
  ctx: Context,
  deps: ConsoleDeps,
  session: AdminSession,
  { open, json }: { readonly open: boolean; readonly json: boolean },
): Promise<Entrance['form']> => {
  if (reads(ctx)) return new Map();
  requireSameOrigin(ctx, deps.siteOrigin);
  // A browser sends no JSON to us for another site's page; the route reads it.
  if (json) return new Map();
  const { [FORM_TOKEN]: token, ...fields } = Object.fromEntries(await readForm(ctx, LARGEST_FORM));
  // Without a session there is nothing that a forged form could act in.
  if (!open && !session.isFormToken(token))
    throw new AppError(
      'form_expired',
      'This form belongs to a session that has ended. Go back, reload the page, and submit it again.',
    );
  return new Map(Object.entries(fields));
};

/**
 * Decides over every request below `/admin` before any route sees it. Deny by default: what is not one of `open` needs a session of
 * an administrator that is still one; a GET without is sent to the sign-in page and comes back, anything else is refused. Whatever
 * is not a GET must come from a page of ours, and with the form token of its session, but for the addresses of `json`. Throws `sign_in_required`, `origin_refused`
 * and `form_expired`.
 */
export const guard = (
  deps: ConsoleDeps,
  withSession: WithAdminSession,
  open: readonly PublicRoute[],
  json: readonly string[],
) => {
  const turnAway = (ctx: Context, session: AdminSession): void => {
    if (!reads(ctx))
      throw new AppError('sign_in_required', 'Your session has ended. Sign in, and try again.');
    const wanted = pathHere(ctx.path + ctx.search);
    // Someone who follows a link from a mail or a chat may be signed in: their browser sends the cookie with what our own page requests.
    if (ctx.get('Sec-Fetch-Site') === 'cross-site')
      showPage(deps, ctx, { session, visitor: null }, 'admin/returned', { next: wanted });
    else seeOther(ctx, `/admin/sign-in?to=${encodeURIComponent(wanted)}`);
  };
  return (ctx: Context, next: (entrance: Entrance) => Promise<void>): Promise<void> =>
    withSession(ctx, async (session) => {
      const isPublic = isOpen(ctx, open);
      const visitor = await visitorIn(deps, session);
      ctx.state.showRefusal = (refusal) => showRefusal(deps, ctx, { session, visitor }, refusal);
      if (!isPublic && visitor === null) return turnAway(ctx, session);
      const form = await checkedForm(ctx, deps, session, {
        open: isPublic,
        json: json.includes(ctx.path),
      });
      await next({ session, visitor, form });
    });
};
