import type { Administration } from '../web/app.js';
import type { Context } from '../web/context.js';
import { isBelowAdmin } from '../web/context.js';
import { guard } from './console-guard.js';
import { handlerOf } from './console-handler.js';
import { consoleRoutes } from './console-routes.js';
import { adminSessions } from './console-session.js';
import type { AdminWeb } from './console-web.js';
import type { Entrance } from './entrance.js';
import { openIdRoutes } from './people/openid-pages.js';
import { invitationRoutes } from './people/setup-pages.js';
import { sessionRoutes } from './people/sign-in-again-pages.js';
import { signInRoutes } from './people/sign-in-pages.js';
import type { PublicRoute } from './public-route.js';

/** All the console's pages, behind their guard. */
export const administration = (web: AdminWeb): Administration => {
  const entrances = new WeakMap<Context['req'], Entrance>();
  const entranceOf = (ctx: Context): Entrance => {
    const entrance = entrances.get(ctx.req);
    if (entrance === undefined) throw new Error(`${ctx.path} was reached without its guard.`);
    return entrance;
  };
  const open: readonly PublicRoute[] = [...signInRoutes(web), ...invitationRoutes(web), ...openIdRoutes(web)];
  const signedIn = [...sessionRoutes(web), ...consoleRoutes(web)];
  const json = signedIn.filter(({ takes }) => takes === 'json').map(({ path }) => path);
  const admit = guard(web, adminSessions(web), open, json);
  return {
    guard: (ctx, next) => {
      if (!isBelowAdmin(ctx.path)) return next();
      return admit(ctx, async (entrance) => {
        entrances.set(ctx.req, entrance);
        await next();
      });
    },
    mount(router) {
      for (const { method, path, handle } of open)
        router[method](path, (ctx) => {
          const plain = ctx as unknown as Context;
          return handle(plain, entranceOf(plain));
        });
      for (const route of signedIn) {
        const handle = handlerOf(web, route);
        router[route.method](route.path, (ctx) => {
          const plain = ctx as unknown as Context;
          return handle(plain, entranceOf(plain), ctx.params);
        });
      }
    },
  };
};
