import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ApiLimits } from './admin/api-web.js';
import { auditLog } from './admin/audit/audit-writer.js';
import { mountApi } from './admin/mount-api.js';
import type { Invitation } from './admin/people/invitations.js';
import { scryptPasswords } from './admin/people/password-hashing.js';
import { RequestLimit } from './admin/request-limit.js';
import type { Config } from './config/config.js';
import { catalogOf } from './config/declared-gadgets.js';
import { entryJsonSchemas } from './config/json-schema.js';
import { ObservedIssuers } from './connect/consent/observed-issuers.js';
import { AccessTokens } from './connect/tokens/access-tokens.js';
import { GadgetUses } from './connect/tokens/use-notes.js';
import type { ReportMisplaced } from './domain/misplaced.js';
import { hostTokens } from './hosts/host-tokens.js';
import { FailureNotes } from './render/failure-notes.js';
import { FragmentCache } from './render/fragment-cache.js';
import { FrameRenderings, type FrameRenderingsDeps } from './render/frame-renderings.js';
import { background, type Settings } from './server/background.js';
import { management } from './server/bind-management.js';
import { type Limits, limitsFor } from './server/limits.js';
import { openSetup } from './server/live-setup.js';
import { type Log, openLog } from './server/log.js';
import { systemClock, systemDigest, systemEntropy } from './server/node-system.js';
import { consoleOf, gadgetRoutes, siteRoutes } from './server/origin-routes.js';
import { outgoing } from './server/outgoing.js';
import { KnownPeers } from './server/peers.js';
import { misplacedReporter } from './server/report-misplaced.js';
import { Tally } from './server/tally.js';
import { versionIn } from './server/version.js';
import { openStores } from './store/open-stores.js';
import type { PrivateCaches } from './upstream/cache.js';
import { nunjucksViews } from './views/nunjucks-views.js';
import { type Address, addressesOf } from './web/answered-addresses.js';
import { webApp } from './web/app.js';
import { Stopping } from './web/health.js';
import { httpServer, isOfTheConnection } from './web/listening.js';
import { loadAssets } from './web/load-assets.js';
import { errorPagesIn } from './web/site/load-error-texts.js';

/** A server, put together. */
export interface Running {
  /** Resolves with the port once requests are taken. */
  listen(): Promise<number>;
  /** While there is a console and nobody who may use it: a link for the first administrator, in the place of any older one. */
  inviteFirst(): Promise<Invitation | null>;
  /** Reads the configuration file again and serves by it; what is wrong with it goes to the log. */
  reload(): Promise<void>;
  /** Every address that is answered, health checks aside: what is not in it is 404. */
  routes(): readonly Address[];
  /** Finishes what is under way, within ten seconds, and closes everything. */
  drain(): Promise<void>;
}

/** What a caller may put in place of the defaults: `root` is the folder that holds `templates`, `gadgets` and `dist`. */
export interface Assembly {
  readonly root: string;
  readonly log?: Log;
  /** In place of the bounds that `memoryBudget` comes to. */
  readonly limits?: Partial<Limits>;
  /** Requests a minute that one API key may make of this process, and one address with keys that are none. */
  readonly apiLimit?: { readonly perKey: number; readonly badKeys: number };
}

const MINUTE = 60_000;

const apiLimits = ({ perKey, badKeys }: NonNullable<Assembly['apiLimit']>, names: number): ApiLimits => {
  const monotonic = (): number => performance.now();
  const keys = new RequestLimit({ most: perKey, window: MINUTE, names }, monotonic);
  const addresses = new RequestLimit({ most: badKeys, window: MINUTE, names }, monotonic);
  return { key: (id) => keys.attempt(id), badKey: (address) => addresses.attempt(address) };
};

const apiParts = (root: string, apiLimit: NonNullable<Assembly['apiLimit']>, names: number) => ({
  version: versionIn(root),
  limits: apiLimits(apiLimit, names),
  entrySchemas: entryJsonSchemas,
});

const settingsOf = (config: Config, log: Log): Settings => {
  let current = config;
  return {
    current: () => current,
    take(next) {
      current = next;
      log.setLevel(next.logLevel);
    },
  };
};

/** What everything is given: time, randomness, and where to write what happened. */
const systemOf = (log: Log, untold: number) => {
  const meter = new Tally(systemClock.now, untold);
  const misplaced = misplacedReporter(meter, log.requests);
  const { journal } = log;
  const peers = new KnownPeers(systemClock, systemEntropy);
  return {
    peers,
    clock: systemClock,
    entropy: systemEntropy,
    digest: systemDigest,
    journal,
    meter,
    misplaced,
  };
};

const storeSettings = ({ database: url, keys }: Config, { remembered, database }: Limits) => ({
  ...{ url, keys, limits: remembered, databaseLimits: database },
});

const addressesOfAll = (
  { gadgetRoutes: gadget, frameRoutes }: ReturnType<typeof gadgetRoutes>,
  site: ReturnType<typeof siteRoutes>,
): readonly Address[] => [...addressesOf('gadget', gadget, frameRoutes), ...addressesOf('site', site)];

/** What frames show, with all that is kept of it. */
const framesOf = (
  ports: Omit<FrameRenderingsDeps, 'connections' | 'fragments' | 'failures' | 'noteUse' | 'renderBudget'> &
    ConstructorParameters<typeof FailureNotes>[0] &
    ConstructorParameters<typeof GadgetUses>[0] & {
      readonly stores: { readonly connections: FrameRenderingsDeps['connections'] };
      readonly caches: PrivateCaches;
      readonly misplaced: ReportMisplaced;
    },
  settings: Settings,
  limits: Limits,
): FrameRenderings => {
  const uses = new GadgetUses(ports, limits.kept.uses);
  const deps: FrameRenderingsDeps = {
    ...ports,
    connections: ports.stores.connections,
    noteUse: (connection, gadget) => uses.note(connection, gadget),
    fragments: new FragmentCache(ports.caches, ports.misplaced),
    failures: new FailureNotes(ports, limits.kept.notes),
    renderBudget: () => settings.current().renderBudget,
    renderLimits: limits.rendering,
  };
  return new FrameRenderings(deps, limits.renderings);
};

const tellBugs = (app: ReturnType<typeof webApp>, log: Log): void => {
  app.on('error', (error: unknown) => {
    if (!isOfTheConnection(error)) log.requests.bug('-', error);
  });
};

/** Sleeping keeps no process alive, and one that is being stopped may have nothing to do but wait. */
const keepingAlive = async (work: Promise<void>): Promise<void> => {
  const alive = setInterval(() => undefined, 1000);
  await work.finally(() => clearInterval(alive));
};

/**
 * Puts the whole together: the one place that sees the web and the doors. Rejects with a sentence that says what to do when the
 * database or a gadget cannot be used.
 */
export const compose = async (
  config: Config,
  { root, log = openLog(config.logLevel), apiLimit = { perKey: 600, badKeys: 60 }, ...given }: Assembly,
): Promise<Running> => {
  const { gadgetOrigin, siteOrigin } = config;
  const limits = { ...limitsFor(config.memoryBudget), ...given.limits };
  const system = systemOf(log, limits.untold);
  const { meter } = system;
  const entries = await catalogOf(config, root);
  const gadgets = entries.map(({ gadget }) => gadget);
  const { locales } = limits.kept;
  const views = nunjucksViews({ templates: join(root, 'templates'), gadgets: entries, locales });
  const assets = loadAssets(root, gadgets, gadgetOrigin);

  const settings = settingsOf(config, log);
  const doors = outgoing(settings.current, system, limits);
  const stores = await openStores({ ...system, ...storeSettings(config, limits) });
  const declared = { config, gadgets, stores, discover: doors.discover, ...system };
  const setup = await openSetup(declared, { strict: true });
  const { directory, inForce } = setup;
  // A restart is an administrator's way to say that a stopped client was fixed.
  await stores.clientStops.clear(null);

  const audit = auditLog(stores.audit, system);
  const observedIssuers = new ObservedIssuers({ ...system, audit, stores });
  const ports = {
    ...{ ...system, ...doors, limits: limits.viewer },
    ...{ stores, directory, inForce, audit, observedIssuers, siteOrigin },
  };
  const pages = { gadgetOrigin, siteOrigin, views, assets, errorPages: errorPagesIn(root) };
  const access = new AccessTokens(ports);
  const renderings = framesOf({ ...ports, views, access }, settings, limits);
  const tokens = hostTokens({ ...system, audience: gadgetOrigin, fetchJwks: doors.fetchJwks });

  const manage = management({ ...ports, access, gadgetOrigin, passwords: scryptPasswords() });

  let draining = false;
  const frames = gadgetRoutes(pages, ports, {
    ...{ renderings, hostTokens: tokens, kept: limits.kept },
  });
  const ownRoutes = siteRoutes(pages, ports, tokens);
  const app = webApp({
    ...pages,
    ...frames,
    siteRoutes: ownRoutes,
    log: log.requests,
    trustedProxies: config.trustedProxies,
    ready: async () => {
      if (draining) throw new Stopping();
      await stores.ping();
    },
    api: {
      mount: (router) =>
        mountApi(router, { siteOrigin, manage, ...apiParts(root, apiLimit, limits.apiNames) }),
    },
    ...(config.admin.enabled && { administration: consoleOf(pages, ports, manage) }),
  });
  tellBugs(app, log);
  const server = httpServer(app.callback());
  const behind = background(ports, { setup, settings, tally: meter, saveTokens: () => access.saveTokens() });

  return {
    async listen() {
      const port = await server.listen(config.listen.host, config.listen.port);
      await behind.begin();
      void setup.settled.then(() =>
        log.info('ready', { gadgetOrigin, siteOrigin, gadgets: gadgets.map(({ id }) => id) }),
      );
      return port;
    },
    inviteFirst: async () => (config.admin.enabled ? manage.administrators.inviteFirst() : null),
    reload: behind.reload,
    routes: () => addressesOfAll(frames, ownRoutes),
    async drain() {
      draining = true;
      setup.stop();
      await server.drain();
      await behind.stop();
      await keepingAlive(access.saveTokensAtLast());
      await doors.close();
      await audit.close();
      await stores.close();
      log.flush();
    },
  };
};
