import type { Context, Refusal } from '../web/context.js';
import { adminPage } from '../web/headers.js';
import type { AdminRoute, ConsoleDeps, Entrance } from './console-route.js';

/** What a page needs besides its own model. */
export interface PageOptions {
  readonly status?: number;
  readonly section?: AdminRoute['section'] | null;
  readonly script?: string;
  readonly leaving?: boolean;
}

/** For whom a page is shown: the session, and who is signed in. */
type PageContext = Pick<Entrance, 'session' | 'visitor'>;

/** How every POST ends that changed something. The path is ours. */
export const seeOther = (ctx: Context, path: string): void => {
  adminPage(ctx);
  ctx.set('Location', path);
  ctx.status = 303;
  ctx.body = '';
};

type PageDeps = Pick<ConsoleDeps, 'views' | 'assets'>;

/** Shows a page in the console's layout. */
export const showPage = (
  { views, assets }: PageDeps,
  ctx: Context,
  { session, visitor }: PageContext,
  template: string,
  model: Readonly<Record<string, unknown>>,
  { status, section = null, script, leaving = false }: PageOptions = {},
): void => {
  adminPage(ctx, leaving);
  ctx.type = 'html';
  ctx.body = views.page(template, {
    ...model,
    admin: visitor?.admin ?? null,
    formToken: session.formToken(),
    section,
    notice: session.takeNotice(),
    requestId: ctx.state.requestId,
    assets: {
      style: assets.url('admin.css'),
      ...(script === undefined ? {} : { script: assets.url(script) }),
    },
  });
  if (status !== undefined) ctx.status = status;
};

/** Shows a page for a request that was refused; its status is set already. A notice waits for another page. */
export const showRefusal = (
  deps: PageDeps,
  ctx: Context,
  { session, visitor }: PageContext,
  refusal: Refusal,
): void => {
  const quiet = { formToken: () => session.formToken(), takeNotice: () => null };
  showPage(deps, ctx, { session: { ...session, ...quiet }, visitor }, 'admin/refusal', { ...refusal });
};
