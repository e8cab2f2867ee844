import Router from '@koa/router';
import Koa from 'koa';
import { AppError } from '../domain/errors.js';
import type { Views } from '../views/view-models.js';
import { answering, type Face, type RequestLog } from './answering.js';
import type { Assets } from './assets.js';
import { clientAddress } from './client-address.js';
import { type Context, isBelowAdmin, type Middleware, type State } from './context.js';
import { healthRoutes, type Readiness } from './health.js';

/** What adds its routes to the site origin. */
export interface Mountable {
  mount(router: Router): void;
}

/** The console: its guard stands before every route of the site origin, wherever it is added. */
export interface MountedConsole extends Mountable {
  readonly guard: Middleware;
}

export interface WebParts {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly views: Views;
  readonly assets: Assets;
  readonly log: RequestLog;
  /** CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Whether requests come through a Unix socket, whose peer is believed. */
  readonly behindSocket: boolean;
  /** Resolves when this process can serve; rejects with why it cannot. */
  readonly ready: Readiness;
  /** What frames ask, all of it below `/frame/`: by far the most requests, so they do not go past the routes of the rest. */
  readonly frameRoutes: Router;
  readonly gadgetRoutes: Router;
  readonly siteRoutes: Router;
  /** The console; without one there is nothing below `/admin`. */
  readonly console?: MountedConsole;
  /** The administration API; without one there is nothing below `/api`. */
  readonly api?: Mountable;
}

const hostOf = (origin: string): string => new URL(origin).host;

/**
 * A request line names a path, or the whole address (RFC 9112 §3.2.2), whose authority then counts for more than `Host`. We go by `Host`,
 * so both must say the same; the rest is looked at as a path. Anything else that stands there is no request for a page.
 */
const readTarget = (ctx: Context): void => {
  const target = ctx.req.url ?? '';
  if (target.startsWith('/')) return;
  const [, authority, path] = /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(target) ?? [];
  if (authority === undefined || path === undefined) throw new AppError('body_invalid');
  if (authority.toLowerCase() !== (ctx.req.headers.host ?? '').toLowerCase())
    throw new AppError('origin_unknown', {}, 'The request line names another server than the Host header.');
  ctx.req.url = path.startsWith('/') ? path : `/${path}`;
};

/**
 * The web: one process, two origins, distinguished by an exact match of the `Host` header. Neither origin is ever derived from a
 * request; whatever names neither is refused with 421, but for the health checks.
 */
export const webApp = (parts: WebParts): Koa<State> => {
  const { gadgetOrigin, siteOrigin, views, assets, log } = parts;
  const gadgetHost = hostOf(gadgetOrigin);
  const siteHost = hostOf(siteOrigin);
  const faceOf = (ctx: Context): Face => (ctx.get('Host') === gadgetHost ? 'frame' : 'site');

  assets.mount(parts.gadgetRoutes, true);
  assets.mount(parts.siteRoutes, false);
  parts.console?.mount(parts.siteRoutes);
  parts.api?.mount(parts.siteRoutes);
  const admitted: Middleware =
    parts.console?.guard ?? ((ctx, next) => (isBelowAdmin(ctx.path) ? undefined : next()));
  const health = healthRoutes(parts.ready).routes() as unknown as Middleware;
  /** What a router answers; else health checks, then 405 for a known path with another method, then 404. */
  const answers = (router: Router): ((ctx: Context) => unknown) => {
    const routes = router.routes() as unknown as Middleware;
    const otherwise = (ctx: Context): Promise<unknown> =>
      Promise.resolve(
        health(ctx as never, async () => {
          const known = router.match(ctx.path, ctx.method).path;
          if (ctx.body != null || known.length === 0) return;
          ctx.set('Allow', [...new Set(known.flatMap(({ methods }) => methods))].toSorted().join(', '));
          throw new AppError('method_not_allowed');
        }),
      );
    return (ctx) => routes(ctx as never, () => otherwise(ctx));
  };
  const frames = answers(parts.frameRoutes);
  const gadget = answers(parts.gadgetRoutes);
  const site = answers(parts.siteRoutes);

  const app = new Koa<State>();
  // The router asks for it at each request, though no route has a host. No proxy's word for it is ever taken, so it is the header as it stands.
  Object.defineProperty(app.request, 'host', {
    get(this: Koa.Request) {
      return this.req.headers.host ?? '';
    },
  });
  const addressOf = clientAddress(parts.trustedProxies, parts.behindSocket);
  const style = (name: string): string => assets.url(name);
  app.use(answering(log, views, faceOf, style, addressOf, siteOrigin));
  app.use((ctx, next) => {
    readTarget(ctx as unknown as Context);
    const host = ctx.req.headers.host;
    if (host === gadgetHost) return ctx.req.url?.startsWith('/frame/') ? frames(ctx) : gadget(ctx);
    // Before the router: so no route below /admin can be forgotten, no matter how it is added or matched.
    if (host === siteHost) return admitted(ctx, async () => site(ctx));
    return health(ctx as never, async () => {
      await next();
      throw new AppError(
        'origin_unknown',
        {},
        `The Host header names neither ${gadgetOrigin} nor ${siteOrigin}; a proxy must pass it on unchanged.`,
      );
    });
  });
  return app;
};

/** A router for one origin. */
export const originRouter = (): Router => new Router({ sensitive: true, strict: true });

/** One address that is answered. */
export interface Address {
  readonly origin: 'gadget' | 'site';
  readonly method: string;
  /** As the router takes it, with `:name` for parameters. */
  readonly path: string;
}

/** Everything an origin's routers answer, for who wants to look at it as a whole. HEAD goes with GET. */
export const addressesOf = (origin: Address['origin'], ...routers: readonly Router[]): readonly Address[] =>
  routers
    .flatMap(({ stack }) => stack)
    .flatMap(({ methods, path }) =>
      methods.filter((method) => method !== 'HEAD').map((method) => ({ origin, method, path: String(path) })),
    );
