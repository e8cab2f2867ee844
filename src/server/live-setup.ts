import type { InForce } from '../admin/admin-deps.js';
import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/config-faults.js';
import { apiFaults } from '../config/declared-gadgets.js';
import type { Directory } from '../config/directory.js';
import { entriesIn, type FileEntries, type ReadEntries } from '../config/read-entries.js';
import { endStaleStops } from '../connect/tokens/clients.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import { ANYWHERE } from '../domain/ip-addresses.js';
import type { Clock, Digest, Journal } from '../domain/system.js';
import type { Discovery } from '../providers/discovery.js';
import type { Stores } from '../store/stores.js';
import { faultsOfChange, startFaults } from './file-faults.js';
import { DirectoryWithConsole, ServedDirectory } from './served-directory.js';
import { contentOf, RecordWarnings, readerFor, type Seen, seenIn } from './setup-content.js';

/** The gadgets that are served, and the ids of those that are not because of their own mistakes. */
export interface ServedGadgets {
  readonly gadgets: readonly Gadget[];
  readonly leftOut?: ReadonlySet<string>;
}

interface SetupDeps extends ServedGadgets {
  readonly config: Config;
  readonly stores: Pick<Stores, 'clientStops' | 'fingerprints' | 'setup'>;
  readonly clock: Clock;
  readonly digest: Digest;
  readonly journal: Journal;
  readonly discovery: Pick<Discovery, 'complete'>;
}

/** What is declared by file and store together, as it is served by now. */
export class LiveSetup {
  readonly directory: Directory;
  readonly inForce: InForce;
  readonly #deps: SetupDeps;
  readonly #served: ServedDirectory;
  readonly #warnings: RecordWarnings;
  #gadgets: ServedGadgets;
  #reader: ReadEntries;
  #allow: Config['outgoing']['allow'];
  #file: FileEntries;
  #keys: Config['keys'];
  #faults: readonly Fault[] = [];
  /** The store's revision that is served. */
  #revision = -1;
  #settled: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(deps: SetupDeps) {
    const { config } = deps;
    this.#deps = deps;
    this.#gadgets = deps;
    this.#served = new ServedDirectory(deps);
    this.#warnings = new RecordWarnings(deps.journal);
    this.#reader = this.#readerOf(config);
    this.#allow = config.outgoing.allow;
    this.#file = entriesIn(config);
    this.#keys = config.keys;
    this.directory = new DirectoryWithConsole(
      this.#served,
      config,
      () => this.#keys,
      () => this.#served.hosts(),
    );
    this.inForce = {
      file: () => this.#file,
      bound: () => this.#allow,
      read: this.#read,
      faults: () => this.#faults,
      refresh: () => this.#refresh(),
    };
  }

  /**
   * Reads file and store together and serves by them. What the file gets wrong keeps a server from starting (`strict`), and a changed file
   * from being taken; what the store gets wrong is left out and reported, since it can be fixed only while a server runs.
   */
  static async open(deps: SetupDeps, { strict }: { readonly strict: boolean }): Promise<LiveSetup> {
    const setup = new LiveSetup(deps);
    const first = await setup.#look(setup.#file, setup.#read);
    const wrong = startFaults(setup.#file, first.records, first.reading);
    if (strict && wrong.length > 0) throw new ConfigFaults(wrong);
    setup.#settled = setup.#serveBy(first).settled;
    return setup;
  }

  /** Resolves when the metadata of every provider was asked for once. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** Ids of all providers, whether their metadata is known or not; the ones that are leaving too. */
  providers(): readonly string[] {
    return this.#served.providers().ids;
  }

  /** Takes up what was changed in the store since it was looked at last. */
  async poll(): Promise<void> {
    if ((await this.#deps.stores.setup.revision()) === this.#revision) return;
    await this.#inTurn(async () => this.#changeTo(await this.#look(this.#file, this.#read)));
  }

  /**
   * Takes a changed file and gadgets, the store read by its keys. Gives its faults, and changes nothing, when it cannot stand beside the store;
   * else calls `taking` before anything is served by it.
   */
  adopt(changed: Config, taking?: () => void, gadgets = this.#gadgets): Promise<readonly Fault[]> {
    return this.#inTurn(async () => {
      const next = entriesIn(changed);
      const reader = this.#readerOf(changed, gadgets);
      const unbound = this.#readerOf({ ...changed, outgoing: { allow: ANYWHERE, isSet: true } }, gadgets);
      const found = await this.#look(next, reader, changed.keys);
      const refused = faultsOfChange(next, unbound, found, this.#faults);
      if (refused.length > 0) return refused;
      this.#file = next;
      this.#keys = changed.keys;
      this.#reader = reader;
      this.#allow = changed.outgoing.allow;
      taking?.();
      if (gadgets !== this.#gadgets) this.#served.takeGadgets(gadgets.gadgets);
      this.#gadgets = gadgets;
      await this.#changeTo(found);
      return [];
    });
  }

  /** Asks no provider for its metadata any more. */
  stop(): void {
    this.#served.stop();
  }

  // Origins are taken up by a restart only.
  #readerOf({ outgoing, hosts }: Pick<Config, 'outgoing' | 'hosts'>, given = this.#gadgets): ReadEntries {
    return readerFor({ ...this.#deps.config, outgoing, hosts }, given.gadgets, given.leftOut);
  }

  readonly #read: ReadEntries = (entries, known) => this.#reader(entries, known);

  /** One at a time, so that what was read later is never replaced by what was read before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #look(file: FileEntries, reader: ReadEntries, ring?: Config['keys']): Promise<Seen> {
    return seenIn(this.#deps.stores.setup, file, reader, ring);
  }

  /** Serves by what was seen; the promise is for callers that wait for discovery. */
  #serveBy({ revision, records, all, reading }: Seen): { readonly settled: Promise<void> } {
    this.#warnings.warn(
      records,
      reading,
      apiFaults(reading.hosts, reading.providers, this.#gadgets.gadgets, this.#file.file),
    );
    this.#revision = revision;
    this.#faults = reading.inStore;
    return { settled: this.#served.take(contentOf(this.#read, records, all, reading)) };
  }

  /** Serves by something else than before. */
  async #changeTo(found: Seen): Promise<{ readonly settled: Promise<void> }> {
    const { settled } = this.#serveBy(found);
    const before = this.#served.providers();
    await endStaleStops(this.#deps, before);
    const later = settled.then(async () => {
      const after = this.#served.providers();
      if (after.known.length > before.known.length) await endStaleStops(this.#deps, after);
    });
    // A caller that waits gets the failure; the log gets it in any case.
    later.catch((error: unknown) => this.#deps.journal.warn('stops-not-ended', { error: String(error) }));
    return { settled: later };
  }

  async #refresh(): Promise<void> {
    const { settled } = await this.#inTurn(async () =>
      this.#changeTo(await this.#look(this.#file, this.#read)),
    );
    await settled;
  }
}
