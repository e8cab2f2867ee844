import { sweepSignIns } from '../admin/people/sign-in.js';
import { type LeavingDeps, startOverdueDisconnects } from '../admin/records/leaving-records.js';
import type { Config } from '../config/config.js';
import { readConfigBesideStore } from '../config/read-config.js';
import type { ConnectDeps } from '../connect/connect-deps.js';
import { continueBulkDisconnects } from '../connect/ending/bulk-disconnect-steps.js';
import { sweepUnused } from '../connect/ending/sweep.js';
import { type Actor, SYSTEM } from '../domain/actor.js';
import type { Clock, Entropy, Journal } from '../domain/system.js';
import { DatabaseTrouble } from '../store/database-trouble.js';
import type { InstanceStore } from '../store/instance-store.js';
import type { MeterStore } from '../store/meter-store.js';
import type { LiveSetup } from './live-setup.js';
import type { Metrics } from './metrics.js';
import type { KnownPeers } from './peers.js';
import { isUnchanged, type ReloadOutcome, reloading } from './reload-file.js';

/** What failed in the background; that the database cannot be used is in the log already, once a minute. */
const upkeepFailed = (journal: Journal, error: unknown): void => {
  if (error instanceof DatabaseTrouble) return;
  journal.warn('upkeep-failed', { error: error instanceof Error ? error.message : 'unknown' });
};

/**
 * Does `work` about every `interval` ms, never twice at a time, each process at its own moment. What fails is noted and tried
 * again at the next turn. `stop` waits for the turn under way.
 */
const every = (
  interval: number,
  work: () => Promise<void>,
  { clock, entropy, journal }: { clock: Clock; entropy: Entropy; journal: Journal },
): { stop(): Promise<void> } => {
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(interval * (0.5 + entropy.fraction()));
      if (stopped) return;
      turn = work().catch((error: unknown) => upkeepFailed(journal, error));
      await turn;
    }
  };
  void loop();
  return {
    async stop() {
      stopped = true;
      await turn;
    },
  };
};

/** How often a server says that it runs, and hears who else does: at most one and a half times as long passes in between. */
const BEAT = 2_000;
/** A report older than this is not used any more, ms. */
const LONG_AGO = 60 * 60_000;
/** How often it looks for what others changed or ask: at most one and a half times as long passes in between. */
const LOOK = 1_000;

/** Makes this server known to others by the store, takes up what they changed there, and heeds their wish to reload. */
export const presence = (
  peers: Pick<KnownPeers, 'server' | 'hear'>,
  parts: {
    readonly instances: InstanceStore;
    readonly poll: () => Promise<void>;
    readonly reload: (by: Actor) => Promise<ReloadOutcome>;
    /** Whether the configuration file still says what this server was started with. */
    readonly isUnchanged: () => boolean;
    /** Ids of the key ring, the one that seals first. */
    readonly keys: () => readonly string[];
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly journal: Journal;
  },
): {
  /** Says for the first time that this server runs, and looks about from then on. */
  begin(): Promise<void>;
  reloaded(outcome: ReloadOutcome): Promise<void>;
  stop(): Promise<void>;
} => {
  const { clock, instances } = parts;
  const { server } = peers;
  const startedAt = clock.now();
  let last: ReloadOutcome = { problem: null, restart: [] };
  let reload = 0;
  let loops: readonly ReturnType<typeof every>[] = [];

  const beat = async (): Promise<void> => {
    const now = clock.now();
    await instances.beat({ id: server, startedAt, seenAt: now, keys: parts.keys(), reload, ...last });
    peers.hear(await instances.alive(now - LONG_AGO));
  };

  const look = async (): Promise<void> => {
    await parts.poll();
    const request = await instances.reloadRequested();
    if (request.number <= reload) return;
    last = await parts.reload(request.by);
    reload = request.number;
    await beat();
  };

  return {
    async begin() {
      const { number } = await instances.reloadRequested();
      // A wish from before is heeded by having started, unless the file was changed since it was read for that.
      reload = number > 0 && !parts.isUnchanged() ? number - 1 : number;
      await beat();
      loops = [every(LOOK, look, parts), every(BEAT, beat, parts)];
    },
    async reloaded(outcome) {
      last = outcome;
      await beat();
    },
    async stop() {
      for (const loop of loops) await loop.stop();
      // Others notice the silence by themselves, and what is still to be saved must not be lost for it.
      await instances.gone(server).catch((error: unknown) => upkeepFailed(parts.journal, error));
    },
  };
};

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
