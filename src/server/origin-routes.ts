import type { AdminDeps } from '../admin/admin-deps.js';
import { BackgroundRotation } from '../admin/keys/use-cases.js';
import { mountConsole } from '../admin/mount-console.js';
import type { ConnectDeps } from '../connect/connect-deps.js';
import type { HostTokens } from '../hosts/host-tokens.js';
import type { Views } from '../views/view-models.js';
import type { MountedConsole } from '../web/app.js';
import type { Assets } from '../web/assets.js';
import { type GadgetOriginRoutes, gadgetOriginRoutes } from '../web/frame/frame-routes.js';
import type { FrameWeb } from '../web/frame/frame-web.js';
import type { ErrorPage } from '../web/site/error-text.js';
import { siteOriginRoutes } from '../web/site/site-routes.js';

/** What both origins' pages are made with. */
export interface Pages {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly views: Views;
  readonly assets: Assets;
  readonly errorPages: ReadonlyMap<string, ErrorPage>;
}

/** The gadget origin's routes. */
export const gadgetRoutes = (
  pages: Pages,
  ports: ConnectDeps,
  rendering: {
    readonly hostTokens: HostTokens;
    readonly renderings: FrameWeb['renderings'];
    readonly kept?: { readonly locales: number; readonly pageShells: number };
  },
): GadgetOriginRoutes =>
  gadgetOriginRoutes({
    ...pages,
    ...rendering,
    directory: ports.directory,
    sessions: ports.stores.frameSessions,
    ...(ports.limits && { limits: ports.limits }),
    clock: ports.clock,
    entropy: ports.entropy,
    digest: ports.digest,
    connect: ports,
  });

/** The site origin's routes. */
export const siteRoutes = (
  pages: Pages,
  ports: ConnectDeps,
  hostTokens: Pick<HostTokens, 'verifyFor'>,
): ReturnType<typeof siteOriginRoutes> =>
  siteOriginRoutes({
    ...pages,
    directory: ports.directory,
    clock: ports.clock,
    entropy: ports.entropy,
    webSessions: ports.stores.webSessions,
    connect: ports,
    hostTokens,
  });

/** The console with its use cases' deps. */
export const consoleOf = (pages: Pages, deps: AdminDeps): MountedConsole =>
  mountConsole({
    ...deps,
    ...pages,
    webSessions: deps.stores.webSessions,
    rotation: new BackgroundRotation(deps, deps.journal),
  });
