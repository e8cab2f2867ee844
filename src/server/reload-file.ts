import type { Deps } from '../admin/admin-deps.js';
import { fileChanges, removedFrom } from '../admin/records/entry-changes.js';
import { type LeavingDeps, removeFromFile } from '../admin/records/leaving-records.js';
import type { Config } from '../config/config.js';
import { ConfigFaults, describeFaults } from '../config/config-faults.js';
import { entriesIn } from '../config/read-entries.js';
import type { Actor } from '../domain/actor.js';
import type { AuditChange } from '../domain/audit-event.js';
import type { Fault } from '../domain/fault.js';
import type { FaultyGadget } from '../domain/faulty-gadget.js';
import { Secret } from '../domain/secret.js';
import { proxyText } from '../net/proxy.js';
import type { LiveGadgets } from './live-gadgets.js';
import type { LiveSetup } from './live-setup.js';

/** What a running server takes up. */
const LIVE = [
  'logLevel',
  'unusedConnectionDays',
  'maxStale',
  'renderBudget',
  'outgoing',
  'outgoingProxy',
  'gadgets',
] as const satisfies readonly (keyof Config)[];

/** What is reported in another way, or is not a setting. */
const OTHER = ['file', 'entries', 'hosts', 'providers', 'keys'] as const satisfies readonly (keyof Config)[];

/** As JSON, but for secrets, of which one would be written like any other. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, function reveal(this: Readonly<Record<string, unknown>>, key, each: unknown) {
    const own = this[key];
    return own instanceof Secret ? own.reveal() : each;
  }) ?? '';

/** Whether two readings of the file say the same, secrets included. */
export const isSame = (one: Config, other: Config): boolean => textOf(one) === textOf(other);

/** The settings that differ and that only a restart takes up. */
export const restartFor = (started: Config, next: Config): readonly string[] => {
  const one: Readonly<Record<string, unknown>> = { ...started };
  const other: Readonly<Record<string, unknown>> = { ...next };
  const taken: ReadonlySet<string> = new Set([...LIVE, ...OTHER]);
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => !taken.has(key) && textOf(one[key]) !== textOf(other[key]),
  );
};

const shown = (value: Config[(typeof LIVE)[number]]): string => {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  if ('join' in value) return value.join(', ') || 'none';
  return 'allow' in value ? value.allow.join(', ') || 'none' : proxyText(value);
};

/** The settings that differ and are taken up at once; of keys only their ids. */
export const settingChanges = (before: Config, after: Config): readonly AuditChange[] => {
  const ring = ({ keys }: Config): string => keys.map(({ id }) => id).join(', ');
  return [
    ...LIVE.map((path) => ({ path, before: shown(before[path]), after: shown(after[path]) })),
    { path: 'keys', before: ring(before), after: ring(after) },
  ].filter((change) => change.before !== change.after);
};

/** What came of reading the file again. */
export interface ReloadOutcome {
  /** Why the server goes on with what it had; null when it took the file. */
  readonly problem: string | null;
  /** Settings that were changed and wait for a restart. */
  readonly restart: readonly string[];
  /** Gadgets that are left out or kept as they were because of their own mistakes. */
  readonly gadgets: readonly FaultyGadget[];
}

interface ReloaderParts {
  /** What the server was started with. */
  readonly config: Config;
  /** Throws `ConfigFaults`. */
  readonly readAgain: () => Config;
  /** Serves by these settings from now on. */
  readonly take: (config: Config) => void;
  readonly setup: LiveSetup;
  readonly gadgets: Pick<LiveGadgets, 'read' | 'served' | 'take'>;
  readonly deps: LeavingDeps & Deps<'audit' | 'journal', 'useKeys'>;
  /** The name of this server among those that run. */
  readonly server: string;
}

type Read = { readonly config: Config } | { readonly faults: readonly Fault[] };

/** Reads the file without throwing what is wrong with it. */
const attempt = (read: () => Config): Read => {
  try {
    return { config: read() };
  } catch (error) {
    if (error instanceof ConfigFaults) return { faults: error.faults };
    throw error;
  }
};

/** Whether the file still says what was read there. */
export const isUnchanged = (config: Config, readAgain: () => Config): boolean => {
  const read = attempt(readAgain);
  return 'config' in read && isSame(config, read.config);
};

/**
 * Reads the configuration file and the gadgets again and serves by them, all of it or nothing: what is wrong anywhere in the file leaves everything
 * as it was, what is wrong with a gadget that gadget alone. Asked twice at once, it reads twice, one after the other.
 */
export class ConfigReloader {
  readonly #parts: ReloaderParts;
  #current: Config;
  #restart: readonly string[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
    this.#current = parts.config;
  }

  reload(by: Actor): Promise<ReloadOutcome> {
    const done = this.#turn.then(() => this.#reload(by));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #reload(by: Actor): Promise<ReloadOutcome> {
    const { deps, gadgets, readAgain, setup, take } = this.#parts;
    const read = attempt(readAgain);
    if ('faults' in read) return this.#refuse(read.faults, by);
    const found = await gadgets.read(read.config);
    if (found.folderFaults.length > 0) return this.#refuse(found.folderFaults, by);
    let changed: readonly AuditChange[] = [];
    const taking = (): void => {
      // Not before the file is taken: under other keys people's tokens would not open, and their Connections would end.
      deps.stores.useKeys(read.config.keys);
      take(read.config);
      changed = gadgets.take(found);
    };
    const faults = await setup.adopt(read.config, taking, found);
    return faults.length > 0 ? this.#refuse(faults, by) : this.#serveBy(read.config, changed, by);
  }

  async #refuse(faults: readonly Fault[], by: Actor): Promise<ReloadOutcome> {
    const { deps, server } = this.#parts;
    const problem = describeFaults(faults);
    deps.journal.warn('configuration-refused', {
      file: this.#current.file,
      faults: problem,
      fix: 'Correct it and reload again. Until then the configuration from before is in force.',
    });
    await deps.audit.record({
      action: 'configuration.refused',
      by,
      outcome: 'refused',
      subject: server,
      code: 'configuration_invalid',
    });
    return { problem, restart: this.#restart, gadgets: this.#parts.gadgets.served.faulty };
  }

  async #serveBy(config: Config, ofGadgets: readonly AuditChange[], by: Actor): Promise<ReloadOutcome> {
    const { config: started, deps, server: subject } = this.#parts;
    const { audit, journal, stores } = deps;
    const current = this.#current;
    const before = entriesIn(current);
    const after = entriesIn(config);
    const changes = [
      ...settingChanges(current, config),
      ...fileChanges(before, after, stores.fingerprints),
      ...ofGadgets,
    ];
    this.#current = config;
    this.#restart = restartFor(started, config);
    const changed = changes.map(({ path }) => path);
    journal.note('configuration-reloaded', { file: config.file, changed, restart: this.#restart });
    await audit.record({ action: 'configuration.reloaded', by, outcome: 'done', subject, changes });
    await removeFromFile(deps, removedFrom(before, after), by);
    return { problem: null, restart: this.#restart, gadgets: this.#parts.gadgets.served.faulty };
  }
}
