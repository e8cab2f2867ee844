import { actorOf } from '../domain/administrator.js';
import type { MountedConsole } from '../web/app.js';
import { type Context, isBelowAdmin } from '../web/context.js';
import { apiKeyRoutes } from './api-keys/pages.js';
import { auditRoutes } from './audit/pages.js';
import { requireConfirmation } from './confirming.js';
import { bulkDisconnectRoutes, connectionRoutes } from './connections/pages.js';
import { guard } from './console-guard.js';
import type { AdminVisit, ConsoleDeps, Entrance, PublicRoute, SessionRoute } from './console-route.js';
import { adminSessions } from './console-session.js';
import { previewRoutes } from './gadgets/pages.js';
import { hostRoutes, snippetRoutes } from './hosts/pages.js';
import { overviewRoutes } from './overview/pages.js';
import { seeOther, showPage } from './page-frame.js';
import { administratorRoutes, invitationRoutes } from './people/pages.js';
import { openIdRoutes, sessionRoutes, signInRoutes } from './people/sign-in-pages.js';
import { providerRoutes, providerTestRoutes } from './providers/pages.js';
import { removalRoutes } from './records/removal-pages.js';
import { serverRoutes } from './server/pages.js';

/** All the console's pages, behind their guard. */
export const mountConsole = (deps: ConsoleDeps): MountedConsole => {
  const entrances = new WeakMap<Context['req'], Entrance>();
  const entranceOf = (ctx: Context): Entrance => {
    const entrance = entrances.get(ctx.req);
    if (entrance === undefined) throw new Error(`${ctx.path} was reached without its guard.`);
    return entrance;
  };
  const open: readonly PublicRoute[] = [
    ...signInRoutes(deps),
    ...invitationRoutes(deps),
    ...openIdRoutes(deps),
  ];
  const signedIn = [...sessionRoutes(deps), ...consoleRoutes(deps)];
  const json = signedIn.filter(({ takes }) => takes === 'json').map(({ path }) => path);
  const admit = guard(deps, adminSessions(deps), open, json);
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
        const handle = handlerOf(deps, route);
        router[route.method](route.path, (ctx) => {
          const plain = ctx as unknown as Context;
          return handle(plain, entranceOf(plain), ctx.params);
        });
      }
    },
  };
};

type Params = Readonly<Record<string, string | undefined>>;

const givenOf = (params: Params): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** A route as the router takes it. The guard let its visitor in; where the route asks for it, they confirm who they are. */
export const handlerOf = (deps: ConsoleDeps, route: SessionRoute) => {
  return async (ctx: Context, entrance: Entrance, params: Params): Promise<void> => {
    const { session, visitor } = entrance;
    if (visitor === null) throw new Error(`${route.path} was reached without a session.`);
    const { admin } = visitor;
    const form = route.confirm ? await requireConfirmation(deps, ctx, entrance, visitor) : entrance.form;
    if (form === null) return;
    const visit: AdminVisit = {
      admin,
      by: actorOf(admin),
      params: givenOf(params),
      query: new URLSearchParams(ctx.search),
      form,
      show: (template, model, options) =>
        showPage(deps, ctx, entrance, template, model, { section: route.section, ...options }),
      leave: (notice) => session.leave(notice),
      seeOther: (path) => seeOther(ctx, path),
    };
    await route.handle(visit, ctx, entrance);
  };
};

/** Every page of the console, each for signed-in administrators alone: the guard in front of them knows no exception. */
export const consoleRoutes = (deps: ConsoleDeps): readonly SessionRoute[] => [
  ...overviewRoutes(deps),
  ...providerRoutes(deps),
  ...hostRoutes(deps),
  ...providerTestRoutes(deps),
  ...removalRoutes(deps),
  ...snippetRoutes(deps),
  ...previewRoutes(deps),
  ...connectionRoutes(deps),
  ...bulkDisconnectRoutes(deps),
  ...administratorRoutes(deps),
  ...apiKeyRoutes(deps),
  ...auditRoutes(deps),
  ...serverRoutes(deps),
];
