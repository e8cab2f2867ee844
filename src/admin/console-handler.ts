import type { Context } from '../web/context.js';
import { confirmation } from './confirming.js';
import type { AdminVisit } from './console-route.js';
import type { AdminWeb } from './console-web.js';
import type { Entrance } from './entrance.js';
import { adminPages, seeOther } from './page-frame.js';
import { actorOf } from './people/acting.js';
import type { SessionRoute } from './session-route.js';

type Params = Readonly<Record<string, string | undefined>>;

const givenOf = (params: Params): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** A route as the router takes it. The guard let its visitor in; where the route asks for it, they prove anew who they are. */
export const handlerOf = (web: AdminWeb, route: SessionRoute) => {
  const pages = adminPages(web);
  const confirmed = confirmation(web, pages);
  return async (ctx: Context, entrance: Entrance, params: Params): Promise<void> => {
    const { session, visitor } = entrance;
    if (visitor === null) throw new Error(`${route.path} was reached by nobody.`);
    const { admin } = visitor;
    const form = route.confirm ? await confirmed(ctx, entrance, visitor) : entrance.form;
    if (form === null) return;
    const visit: AdminVisit = {
      admin,
      by: actorOf(admin),
      params: givenOf(params),
      query: new URLSearchParams(ctx.search),
      form,
      show: (template, model, options) =>
        pages.show(ctx, entrance, template, model, { section: route.section, ...options }),
      leave: (notice) => session.leave(notice),
      seeOther: (path) => seeOther(ctx, path),
    };
    await route.handle(visit, ctx, entrance);
  };
};
