import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { AdminDeps } from './admin/admin-deps.js';
import { ApiLimits } from './admin/api-admission.js';
import { mountApi } from './admin/mount-api.js';
import { mountConsole } from './admin/mount-console.js';
import { type Invitation, inviteFirstAdministrator } from './admin/people/use-cases.js';
import type { Config } from './config/config.js';
import { ConfigFaults } from './config/config-faults.js';
import { entryJsonSchemas } from './config/json-schema.js';
import type { ConnectDeps } from './connect/connect-deps.js';
import { HeldConnections } from './connect/tokens/company-access.js';
import { GadgetUses } from './connect/tokens/use-notes.js';
import type { ReportMisplaced } from './domain/misplaced.js';
import type { Clock } from './domain/system.js';
import { HostTokens } from './hosts/host-tokens.js';
import { FailureNotes } from './render/failure-notes.js';
import { FragmentCache } from './render/fragment-cache.js';
import { FrameImages } from './render/frame-images.js';
import { FrameRenderings, type FrameRenderingsDeps } from './render/frame-renderings.js';
import { ImageAddresses } from './render/image-addresses.js';
import { Background, Settings } from './server/background.js';
import { type Limits, limitsFor } from './server/limits.js';
import { LiveGadgets } from './server/live-gadgets.js';
import { LiveSetup } from './server/live-setup.js';
import { type Log, openLog } from './server/log.js';
import { Metrics } from './server/metrics.js';
import type { Monitor } from './server/monitor.js';
import { systemClock, systemDigest, systemEntropy } from './server/node-system.js';
import { Outgoing } from './server/outgoing.js';
import { KnownPeers } from './server/peers.js';
import { misplacedReporter } from './server/report-misplaced.js';
import { clearStopsAfterRestart } from './server/stopped-clients.js';
import { useCaseDeps } from './server/use-case-deps.js';
import { versionIn } from './server/version.js';
import { openStores } from './store/open-stores.js';
import type { ConnectionCaches } from './upstream/cache.js';
import { LiveViews } from './views/live-views.js';
import type { Views } from './views/view-models.js';
import { type Address, addressesOf, type MountedConsole, webApp } from './web/app.js';
import type { Assets } from './web/assets.js';
import { isFromProxy } from './web/client-address.js';
import { type GadgetOriginRoutes, gadgetOriginRoutes } from './web/frame/frame-routes.js';
import type { FrameWeb } from './web/frame/frame-web.js';
import { type Readiness, Stopping } from './web/health.js';
import { HttpServer, isOfTheConnection } from './web/listening.js';
import { loadAssets } from './web/load-assets.js';
import { type ErrorPage, errorPagesIn } from './web/site/error-text.js';
import { siteOriginRoutes } from './web/site/site-routes.js';

/** What both origins' pages are made with. */
interface Pages {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly views: Views;
  readonly assets: Assets;
  readonly errorPages: ReadonlyMap<string, ErrorPage>;
}

/** The gadget origin's routes. */
const gadgetRoutes = (
  pages: Pages,
  deps: ConnectDeps,
  rendering: {
    readonly hostTokens: Pick<HostTokens, 'verify' | 'verifyFor'>;
    readonly renderings: FrameWeb['renderings'];
    readonly images: FrameWeb['images'];
    readonly kept?: { readonly locales: number; readonly pageShells: number };
  },
): GadgetOriginRoutes =>
  gadgetOriginRoutes({
    ...pages,
    ...rendering,
    directory: deps.directory,
    sessions: deps.stores.frameSessions,
    choices: deps.stores.viewerChoices,
    ...(deps.limits && { limits: deps.limits }),
    clock: deps.clock,
    entropy: deps.entropy,
    digest: deps.digest,
    connect: deps,
  });

/** The site origin's routes. */
const siteRoutes = (
  pages: Pages,
  deps: ConnectDeps,
  hostTokens: Pick<HostTokens, 'verifyFor'>,
): ReturnType<typeof siteOriginRoutes> =>
  siteOriginRoutes({
    ...pages,
    directory: deps.directory,
    clock: deps.clock,
    entropy: deps.entropy,
    webSessions: deps.stores.webSessions,
    connect: deps,
    hostTokens,
  });

/** The console with its use cases' deps. */
const consoleOf = (pages: Pages, deps: AdminDeps): MountedConsole =>
  mountConsole({
    ...deps,
    ...pages,
    webSessions: deps.stores.webSessions,
  });

/** What may be put in place of the defaults: `root` is the folder that holds `templates`, `gadgets` and `dist`. */
export interface ServerOptions {
  readonly root: string;
  readonly log?: Log;
  readonly clock?: Clock;
  /** In place of the bounds that `memoryBudget` comes to. */
  readonly limits?: Partial<Limits>;
  /** Requests a minute that one API key may make of this process, and one address with keys that are none. */
  readonly apiLimit?: { readonly perKey: number; readonly badKeys: number };
}

/** What everything is given: time, randomness, and where to write what happened. */
const systemOf = (log: Log, clock: Clock, unreported: number) => {
  const meter = new Metrics(clock.now, unreported);
  const misplaced = misplacedReporter(meter, log.requests);
  const { journal } = log;
  const peers = new KnownPeers(clock, systemEntropy);
  return {
    peers,
    clock,
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

/** What is needed to make what frames show, and to keep it. */
const renderingDeps = (
  deps: Omit<FrameRenderingsDeps, 'connections' | 'fragments' | 'failures' | 'noteUse' | 'renderBudget'> &
    ConstructorParameters<typeof FailureNotes>[0] &
    ConstructorParameters<typeof GadgetUses>[0] & {
      readonly stores: { readonly connections: FrameRenderingsDeps['connections'] };
      readonly caches: Pick<ConnectionCaches, 'get' | 'set'>;
      readonly misplaced: ReportMisplaced;
    },
  settings: Settings,
  limits: Limits,
): FrameRenderingsDeps => {
  const uses = new GadgetUses(deps, limits.kept.uses);
  return {
    ...deps,
    connections: new HeldConnections(deps.directory, deps.stores.connections),
    noteUse: (connection, gadget) => uses.note(connection, gadget),
    fragments: new FragmentCache(deps.caches, deps.misplaced),
    failures: new FailureNotes(deps, limits.kept.notes),
    renderBudget: () => settings.current().renderBudget,
    renderLimits: limits.rendering,
  };
};

/** Sleeping keeps no process alive, and one that is being stopped may have nothing to do but wait. */
const keepingAlive = async (work: Promise<void>): Promise<void> => {
  const alive = setInterval(() => undefined, 1000);
  await work.finally(() => clearInterval(alive));
};

/** Read only where it is configured: it takes time at the start, and memory. */
const monitorOf = async ({ metrics }: Config, root: string): Promise<Monitor | null> => {
  if (metrics === null) return null;
  const { Monitor } = await import('./server/monitor.js');
  return new Monitor(versionIn(root));
};

const tracingOf = async ({ traces }: Config, root: string) => {
  if (traces === null) return null;
  const { Tracing, TracedRenderings } = await import('./server/tracing.js');
  return { tracing: new Tracing(traces, versionIn(root)), TracedRenderings };
};

/** Everything that one server is made of, before it serves: a test looks into its stores, and can put another part in one's place. */
export type ServerParts = Awaited<ReturnType<typeof openServerParts>>;

/**
 * Opens what the configuration names. Rejects with a sentence that says what to do when the database cannot be used; a gadget that
 * cannot be is left out.
 */
export const openServerParts = async (config: Config, options: ServerOptions) => {
  const { root, clock = systemClock } = options;
  const monitor = await monitorOf(config, root);
  const opened = options.log ?? openLog(config.logLevel);
  const traced = await tracingOf(config, root);
  const counted = monitor?.counting(opened) ?? opened;
  const log = traced?.tracing.naming(counted) ?? counted;
  const { gadgetOrigin, siteOrigin } = config;
  const limits = { ...limitsFor(config.memoryBudget, config.workers), ...options.limits };
  const system = systemOf(log, clock, limits.unreported);
  const { locales } = limits.kept;
  const views = new LiveViews({ templates: join(root, 'templates'), locales });
  const gadgets = new LiveGadgets(root, views, system.journal);
  const found = await gadgets.read(config);
  if (found.folderFaults.length > 0) throw new ConfigFaults(found.folderFaults);
  gadgets.take(found);
  const assets = loadAssets(root, () => gadgets.served.gadgets, gadgetOrigin);

  const settings = new Settings(config, log);
  const calls = new Outgoing(() => settings.current(), system, limits);
  const stores = await openStores({ ...system, ...storeSettings(config, limits) });
  const declared = { config, ...found, stores, discovery: calls.discovery, ...system };
  const setup = await LiveSetup.open(declared, { strict: true });
  const { directory, inForce } = setup;
  await clearStopsAfterRestart(stores, clock);

  const store = { config, stores, directory, inForce, limits: limits.viewer };
  const deps = useCaseDeps(system, calls, store);
  const { access } = deps;
  const adminDeps: AdminDeps = deps;
  const pages = { gadgetOrigin, siteOrigin, views, assets, errorPages: errorPagesIn(root) };
  const addresses = new ImageAddresses(directory, () => settings.current().keys, limits.images.named);
  const rendering = renderingDeps({ ...deps, views, access, images: addresses }, settings, limits);
  const renderings =
    traced === null
      ? new FrameRenderings(rendering, limits.renderings)
      : new traced.TracedRenderings(traced.tracing, rendering, limits.renderings);
  if (traced !== null) system.meter.watchedBy(traced.tracing);
  const images: FrameWeb['images'] = new FrameImages(
    { ...rendering, ...deps, access, addresses },
    limits.images,
  );
  monitor?.watch({
    metrics: system.meter,
    fromMemory: () => renderings.fromMemory,
    faultyGadgets: () => gadgets.served.faulty.length,
    isProvider: (id) => directory.provider(id) !== undefined,
    providers: () => setup.providers(),
    gadgets: () => gadgets.served.gadgets.map(({ id }) => id),
  });
  return {
    ...{
      config,
      options,
      log,
      monitor,
      tracing: traced?.tracing ?? null,
      limits,
      settings,
      setup,
      gadgets,
      pages,
      rendering,
      renderings,
      images,
    },
    ...{ deps, access, adminDeps, calls },
  };
};

const tracedHandle = ({ config, tracing }: ServerParts, handle: RequestListener): RequestListener => {
  if (tracing === null) return handle;
  const { listen, traces, trustedProxies } = config;
  const isTrusted = isFromProxy(trustedProxies, listen.socket !== null);
  return tracing.tracingRequests(handle, traces?.continueFromProxy === true ? isTrusted : () => false);
};

/** The web of a server: every address of both origins. */
const webOf = (parts: ServerParts, ready: Readiness) => {
  const { adminDeps, config, deps, images, limits, log, options, pages, renderings } = parts;
  const { apiLimit = { perKey: 600, badKeys: 60 } } = options;
  const { gadgetOrigin: audience } = config;
  const tokens = new HostTokens({ ...deps, audience });
  const frames = gadgetRoutes(pages, deps, {
    ...{ renderings, images, hostTokens: tokens, kept: limits.kept },
  });
  const site = siteRoutes(pages, deps, tokens);
  const app = webApp({
    ...pages,
    ...frames,
    siteRoutes: site,
    log: log.requests,
    trustedProxies: config.trustedProxies,
    behindSocket: config.listen.socket !== null,
    ready,
    api: {
      mount: (router) =>
        mountApi(router, {
          ...adminDeps,
          version: ready.version,
          apiLimits: new ApiLimits(apiLimit, limits.apiNames, deps.stores.requestThrottle, () =>
            performance.now(),
          ),
          entrySchemas: entryJsonSchemas,
        }),
    },
    ...(config.admin.enabled && { console: consoleOf(pages, adminDeps) }),
  });
  app.on('error', (error: unknown) => {
    if (!isOfTheConnection(error)) log.requests.bug('-', error);
  });
  return { handle: app.callback(), addresses: addressesOfAll(frames, site) };
};

/** A server, from its configuration to its last answer. The program runs this, and so do its tests. */
export class Server {
  readonly #parts: ServerParts;
  readonly #http: HttpServer;
  readonly #background: Background;
  readonly #addresses: readonly Address[];
  #draining = false;

  constructor(parts: ServerParts) {
    const { access, deps, gadgets, setup, settings } = parts;
    const faultyGadgets = () => gadgets.served.faulty;
    const version = versionIn(parts.options.root);
    const web = webOf(parts, { require: () => this.#requireReady(), faultyGadgets, version });
    this.#parts = parts;
    this.#addresses = web.addresses;
    this.#http = new HttpServer(tracedHandle(parts, web.handle));
    this.#background = new Background(deps, {
      ...{ gadgets, setup, settings, metrics: deps.meter, saveTokens: () => access.saveTokens() },
    });
  }

  /** A server of what the configuration names; see `openServerParts`. */
  static async create(config: Config, options: ServerOptions): Promise<Server> {
    return new Server(await openServerParts(config, options));
  }

  /** Resolves with the port once requests are taken; with 0 on a socket. */
  async listen(): Promise<number> {
    const { config, gadgets, log, monitor, setup } = this.#parts;
    const { gadgetOrigin, siteOrigin, listen, metrics } = config;
    if (metrics !== null) await monitor?.listen(metrics.listen);
    const port = await this.#http.listenOn(listen);
    await this.#background.start();
    void setup.settled.then(() =>
      log.info('ready', { gadgetOrigin, siteOrigin, gadgets: gadgets.served.gadgets.map(({ id }) => id) }),
    );
    return port;
  }

  /** While there is a console and no one who may use it: a link for the first administrator, in the place of any older one. */
  async inviteFirst(): Promise<Invitation | null> {
    const { adminDeps, config } = this.#parts;
    return config.admin.enabled ? inviteFirstAdministrator(adminDeps) : null;
  }

  /** Reads the configuration file and the gadgets again and serves by them; what is wrong with them goes to the log. */
  reload(): Promise<void> {
    return this.#background.reload();
  }

  /** Every address that is answered, health checks aside: what is not in it is 404. */
  routes(): readonly Address[] {
    return this.#addresses;
  }

  /** Finishes what is under way, within ten seconds, and closes everything. */
  async drain(): Promise<void> {
    const { access, calls, deps, log, monitor, setup, tracing } = this.#parts;
    this.#draining = true;
    setup.stop();
    await this.#http.drain();
    await this.#background.stop();
    await keepingAlive(access.saveTokensAtLast());
    await calls.close();
    await deps.audit.close();
    await deps.stores.close();
    await monitor?.close();
    await tracing?.close();
    log.flush();
  }

  async #requireReady(): Promise<void> {
    if (this.#draining) throw new Stopping();
    await this.#parts.deps.stores.ping();
  }
}
