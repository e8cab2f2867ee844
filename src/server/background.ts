import { sweepSignIns } from '../admin/people/sign-in.js';
import { type LeavingDeps, startOverdueDisconnects } from '../admin/records/leaving-records.js';
import type { Config } from '../config/config.js';
import { readConfigBesideStore } from '../config/read-config.js';
import type { ConnectDeps } from '../connect/connect-deps.js';
import { continueBulkDisconnects } from '../connect/ending/bulk-disconnect-steps.js';
import { sweepUnused } from '../connect/ending/sweep.js';
import { SYSTEM } from '../domain/actor.js';
import type { Clock, Entropy, Journal } from '../domain/system.js';
import type { MeterStore } from '../store/meter-store.js';
import type { LiveSetup } from './live-setup.js';
import type { Metrics } from './metrics.js';
import type { KnownPeers } from './peers.js';
import { presence } from './presence.js';
import { isUnchanged, reloading } from './reload-file.js';
import { every, upkeepFailed } from './upkeep.js';

const FLUSH = 30_000;
const SWEEP = 60 * 60_000;
/** How long counts are kept: a week, and the day that is being shown. */
const KEPT = 8 * 24 * 60 * 60_000;

/** Writes down what was counted about every half minute; `stop` writes what is left. */
export const keepMetrics = (
  metrics: Metrics,
  store: MeterStore,
  { clock, entropy, journal }: { clock: Clock; entropy: Entropy; journal: Journal },
): { stop(): Promise<void> } => {
  // Each process adds to the counts; only its own it may replace.
  const process = entropy.id();
  const flush = () => metrics.report((rows) => store.put(process, rows));
  const flushing = every(FLUSH, flush, { clock, entropy, journal });
  const sweeping = every(SWEEP, () => store.sweep(clock.now() - KEPT), { clock, entropy, journal });
  return {
    async stop() {
      await sweeping.stop();
      await flushing.stop();
      await flush().catch((error: unknown) => upkeepFailed(journal, error));
    },
  };
};

const DAY = 24 * 60 * 60_000;
const MINUTE = 60_000;
/** How often unfinished bulk disconnects are looked for, ms: an administrator may be watching. */
const BULK_DISCONNECTS = 5000;

/** How often the store is asked again to take tokens that it did not take, ms. */
const TOKENS = 2000;

/** What a server does besides answering requests. */
export interface Background {
  /** Says to others that this server runs. */
  begin(): Promise<void>;
  /** Reads the configuration file again and serves by it; what is wrong with it goes to the log. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** The settings in force, and how others take their place. */
export interface Settings {
  current(): Config;
  take(config: Config): void;
}

/** Starts everything that goes on in the background. */
export const background = (
  ports: ConnectDeps & LeavingDeps & { readonly peers: KnownPeers },
  parts: {
    readonly setup: LiveSetup;
    readonly settings: Settings;
    readonly metrics: Metrics;
    readonly saveTokens: () => Promise<void>;
  },
): Background => {
  const { setup, settings, metrics } = parts;
  const config = settings.current();
  const { server } = ports.peers;
  const readAgain = (): Config => readConfigBesideStore(config.file);
  const reload = reloading({ config, readAgain, take: settings.take, setup, ports, server });
  const here = presence(ports.peers, {
    ...ports,
    instances: ports.stores.instances,
    poll: setup.poll,
    reload,
    isUnchanged: () => isUnchanged(config, readAgain),
    keys: () => settings.current().keys.map(({ id }) => id),
  });
  const tidy = () => sweepUnused(ports, settings.current().unusedConnectionDays * DAY);
  const tasks = [
    every(MINUTE, tidy, ports),
    every(MINUTE, ports.stores.connectionLists.addUp, ports),
    every(MINUTE, () => startOverdueDisconnects(ports), ports),
    every(MINUTE, () => sweepSignIns(ports), ports),
    every(BULK_DISCONNECTS, () => continueBulkDisconnects(ports), ports),
    every(TOKENS, parts.saveTokens, ports),
    keepMetrics(metrics, ports.stores.meter, ports),
    here,
  ];
  return {
    begin: here.begin,
    reload: async () => here.reloaded(await reload(SYSTEM)),
    async stop() {
      // All together, so that none starts another turn while one is waited for.
      await Promise.all(tasks.map((task) => task.stop()));
    },
  };
};
