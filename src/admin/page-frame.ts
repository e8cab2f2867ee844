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

type Beholder = Pick<Entrance, 'session' | 'visitor'>;

/** How every POST ends that changed something. The path is ours. */
export const seeOther = (ctx: Context, path: string): void => {
  adminPage(ctx);
  ctx.set('Location', path);
  ctx.status = 303;
  ctx.body = '';
};

/** Shows pages of the console in its layout. */
export const adminPages = (deps: ConsoleDeps) => {
  const show = (
    ctx: Context,
    { session, visitor }: Beholder,
    template: string,
    model: Readonly<Record<string, unknown>>,
    { status, section = null, script, leaving = false }: PageOptions = {},
  ): void => {
    adminPage(ctx, leaving);
    ctx.type = 'html';
    ctx.body = deps.views.page(template, {
      ...model,
      admin: visitor?.admin ?? null,
      formToken: session.formToken(),
      section,
      notice: session.takeNotice(),
      requestId: ctx.state.requestId,
      assets: {
        style: deps.assets.url('admin.css'),
        ...(script === undefined ? {} : { script: deps.assets.url(script) }),
      },
    });
    if (status !== undefined) ctx.status = status;
  };
  return {
    show,
    /** A page for a request that was refused; its status is set already. A notice waits for another page. */
    refusal(ctx: Context, { session, visitor }: Beholder, refusal: Refusal): void {
      const quiet = { formToken: () => session.formToken(), takeNotice: () => null };
      show(ctx, { session: { ...session, ...quiet }, visitor }, 'admin/refusal', { ...refusal });
    },
  };
};

export type AdminPages = ReturnType<typeof adminPages>;
