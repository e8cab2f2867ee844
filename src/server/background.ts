import { continueRotation, ROTATION, type RotationDeps } from '../admin/keys/use-cases.js';
import { sweepSignIns } from '../admin/people/sign-in.js';
import { type LeavingDeps, startOverdueDisconnects } from '../admin/records/leaving-records.js';
import type { Config } from '../config/config.js';
import { readConfigBesideStore } from '../config/read-config.js';
import type { ConnectDeps } from '../connect/connect-deps.js';
import { continueBulkDisconnects } from '../connect/ending/bulk-disconnect-steps.js';
import { sweepUnused } from '../connect/ending/sweep.js';
import { type Actor, SYSTEM } from '../domain/actor.js';
import type { Journal } from '../domain/system.js';
import type { InstanceStore } from '../store/instance-store.js';
import type { MeterStore } from '../store/meter-store.js';
import { type Job, JobRunner } from './jobs.js';
import type { LiveGadgets } from './live-gadgets.js';
import type { LiveSetup } from './live-setup.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { KnownPeers } from './peers.js';
import { ConfigReloader, isUnchanged, type ReloadOutcome } from './reload-file.js';
import { RepeatedTask, type TaskDeps, upkeepFailed } from './repeated-task.js';

/** How often a server reports that it runs, and reads who else does: at most one and a half times as long passes in between. */
const BEAT = 2_000;
/** A report older than this is not used any more, ms. */
const LONG_AGO = 60 * 60_000;
/** How often it looks for what others changed or ask: at most one and a half times as long passes in between. */
const LOOK = 1_000;

interface HeartbeatDeps extends TaskDeps {
  readonly peers: Pick<KnownPeers, 'server' | 'hear'>;
  readonly instances: InstanceStore;
  readonly poll: () => Promise<void>;
  readonly reload: (by: Actor) => Promise<ReloadOutcome>;
  /** Whether the configuration file still says what this server was started with. */
  readonly isUnchanged: () => boolean;
  /** What is wrong with gadgets since it was started. */
  readonly faultyGadgets: () => ReloadOutcome['gadgets'];
  /** Ids of the key ring, the one that seals first. */
  readonly keys: () => readonly string[];
}

/** Makes this server known to others by the store, takes up what they changed there, and reloads when they ask for it. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  readonly #startedAt: number;
  #last: ReloadOutcome;
  /** Number of the last request to reload that was answered. */
  #answered = 0;
  #looking: RepeatedTask | null = null;
  #beating: RepeatedTask | null = null;

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
    this.#last = { problem: null, restart: [], gadgets: deps.faultyGadgets() };
  }

  /** Reports for the first time that this server runs, and looks for changes from then on. */
  async start(): Promise<void> {
    const { instances, isUnchanged: isSame } = this.#deps;
    const { number } = await instances.reloadRequested();
    // A request from before was answered by starting, unless the file was changed since it was read for that.
    this.#answered = number > 0 && !isSame() ? number - 1 : number;
    await this.#beat();
    this.#looking = new RepeatedTask(LOOK, () => this.#look(), this.#deps);
    this.#beating = new RepeatedTask(BEAT, () => this.#beat(), this.#deps);
  }

  /** Someone has changed something: it is looked for at once. */
  noticed(): void {
    this.#looking?.ask();
  }

  /** Reports what came of a reload that no other server asked for. */
  async reloaded(outcome: ReloadOutcome): Promise<void> {
    this.#last = outcome;
    await this.#beat();
  }

  async stop(): Promise<void> {
    const { instances, journal, peers } = this.#deps;
    await this.#looking?.stop();
    await this.#beating?.stop();
    // Others notice the silence by themselves, and what is still to be saved must not be lost for it.
    await instances.gone(peers.server).catch((error: unknown) => upkeepFailed(journal, error));
  }

  async #beat(): Promise<void> {
    const { clock, instances, keys, peers } = this.#deps;
    const now = clock.now();
    const { server: id } = peers;
    const reported = { id, startedAt: this.#startedAt, seenAt: now, keys: keys(), reload: this.#answered };
    await instances.beat({ ...reported, ...this.#last });
    peers.hear(await instances.alive(now - LONG_AGO));
  }

  async #look(): Promise<void> {
    const { instances, poll, reload } = this.#deps;
    await poll();
    const request = await instances.reloadRequested();
    if (request.number <= this.#answered) return;
    this.#last = await reload(request.by);
    this.#answered = request.number;
    await this.#beat();
  }
}

const FLUSH = 30_000;
const HOUR = 60 * 60_000;
/** How long counts are kept: a week, and the day that is being shown. */
const KEPT = 8 * 24 * 60 * 60_000;

/** Writes down what was counted about every half minute. */
export class MetricsSaver {
  readonly #save: () => Promise<void>;
  readonly #journal: Journal;
  readonly #task: RepeatedTask;

  constructor(metrics: Metrics, store: MeterStore, deps: TaskDeps) {
    // Each process adds to the counts; only its own it may replace.
    const process = deps.entropy.id();
    this.#save = () => metrics.report((rows) => store.put(process, rows));
    this.#journal = deps.journal;
    this.#task = new RepeatedTask(FLUSH, this.#save, deps);
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    await this.#task.stop();
    await this.#save().catch((error: unknown) => upkeepFailed(this.#journal, error));
  }
}

const DAY = 24 * 60 * 60_000;
const MINUTE = 60_000;
/** How often unfinished bulk disconnects are looked for, ms: an administrator may be watching. */
const BULK_DISCONNECTS = 5000;

/** How often the store is asked again to take tokens that it did not take, ms. */
const TOKENS = 2000;

/** The settings in force, and how others take their place. */
export class Settings {
  #current: Config;
  readonly #log: Pick<Log, 'setLevel'>;

  constructor(config: Config, log: Pick<Log, 'setLevel'>) {
    this.#current = config;
    this.#log = log;
  }

  current(): Config {
    return this.#current;
  }

  take(next: Config): void {
    this.#current = next;
    this.#log.setLevel(next.logLevel);
  }
}

type BackgroundDeps = ConnectDeps & LeavingDeps & RotationDeps & { readonly peers: KnownPeers };

/** What is done once for all servers of a database. */
const jobsOf = (deps: BackgroundDeps, settings: Settings): readonly Job[] => {
  const { clock, stores } = deps;
  const unusedFor = (): number => settings.current().unusedConnectionDays * DAY;
  return [
    { name: 'sweep', every: MINUTE, work: () => sweepUnused(deps, unusedFor()) },
    { name: 'sign-ins', every: MINUTE, work: () => sweepSignIns(deps) },
    { name: 'connection-counts', every: MINUTE, work: () => stores.connectionLists.addUp() },
    { name: 'overdue-disconnects', every: MINUTE, work: () => startOverdueDisconnects(deps) },
    { name: 'bulk-disconnects', every: BULK_DISCONNECTS, work: () => continueBulkDisconnects(deps) },
    { name: 'old-counts', every: HOUR, work: () => stores.meter.sweep(clock.now() - KEPT) },
    { name: ROTATION, every: null, work: (rotation) => continueRotation(deps, rotation) },
  ];
};

/** What a server does besides answering requests. Its upkeep runs from the moment it is made. */
export class Background {
  readonly #heartbeat: Heartbeat;
  readonly #reloader: ConfigReloader;
  readonly #listen: (onNotice: () => void) => void;
  readonly #tasks: readonly { stop(): Promise<void> }[];

  constructor(
    deps: BackgroundDeps,
    parts: {
      readonly setup: LiveSetup;
      readonly settings: Settings;
      readonly gadgets: LiveGadgets;
      readonly metrics: Metrics;
      readonly saveTokens: () => Promise<void>;
    },
  ) {
    const { gadgets, setup, settings, metrics, saveTokens } = parts;
    const { peers, stores } = deps;
    const config = settings.current();
    const readAgain = (): Config => readConfigBesideStore(config.file);
    const { server } = peers;
    this.#listen = (onNotice) => stores.listen(onNotice);
    this.#reloader = new ConfigReloader({
      config,
      readAgain,
      take: (next) => settings.take(next),
      gadgets,
      setup,
      deps,
      server,
    });
    this.#heartbeat = new Heartbeat({
      ...deps,
      instances: stores.instances,
      poll: () => setup.poll(),
      reload: (by) => this.#reloader.reload(by),
      isUnchanged: () => isUnchanged(config, readAgain),
      keys: () => settings.current().keys.map(({ id }) => id),
      faultyGadgets: () => gadgets.served.faulty,
    });
    this.#tasks = [
      new JobRunner(jobsOf(deps, settings), stores.jobs, deps),
      new RepeatedTask(TOKENS, saveTokens, deps),
      new MetricsSaver(metrics, stores.meter, deps),
      this.#heartbeat,
    ];
  }

  /** Reports to other servers that this one runs, and takes up what they change. */
  async start(): Promise<void> {
    await this.#heartbeat.start();
    this.#listen(() => this.#heartbeat.noticed());
  }

  /** Reads the configuration file and the gadgets again and serves by them; what is wrong with them goes to the log. */
  async reload(): Promise<void> {
    await this.#heartbeat.reloaded(await this.#reloader.reload(SYSTEM));
  }

  async stop(): Promise<void> {
    // All together, so that none starts another turn while one is waited for.
    await Promise.all(this.#tasks.map((task) => task.stop()));
  }
}
