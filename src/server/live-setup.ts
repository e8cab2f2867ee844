import { createHmac } from 'node:crypto';
import type { InForce } from '../admin/admin-deps.js';
import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/config-faults.js';
import type { Directory } from '../config/directory.js';
import { entriesIn, type FileEntries, type ReadEntries } from '../config/read-entries.js';
import { endStaleStops } from '../connect/tokens/clients.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import { ANYWHERE } from '../domain/ip-addresses.js';
import { Secret } from '../domain/secret.js';
import type { Clock, Digest, Journal } from '../domain/system.js';
import { bindGadget } from '../hosts/bound-gadget.js';
import { CONSOLE_HOST, previewName } from '../hosts/console-host.js';
import type { Host } from '../hosts/host.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import type { Stores } from '../store/stores.js';
import { faultsOfChange, startFaults } from './file-faults.js';
import { changeableDirectory, type Discover } from './served-directory.js';
import { contentOf, readerFor, recordWarnings, type Seen, seenIn } from './setup-content.js';

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

/**
 * The console as a host of gadgets. Its key follows from the first key of the ring, so that every process of one store takes the
 * tokens of each; it is written nowhere, and only signed-in administrators are given tokens.
 */
const consoleHost = (
  siteOrigin: string,
  first: SealingKey,
  gadgets: readonly Gadget[],
  hosts: readonly Host[],
): Host => {
  const secret = createHmac('sha256', first.key.reveal()).update(CONSOLE_HOST).digest('base64url');
  const bindings = Object.fromEntries([
    ...gadgets.map(({ id }) => [id, { gadget: id, providers: {} }] as const),
    ...hosts.flatMap((host) =>
      Object.entries(host.bindings ?? {}).map(
        ([name, binding]) => [previewName(host, name), binding] as const,
      ),
    ),
  ]);
  const byId = new Map(gadgets.map((gadget) => [gadget.id, gadget]));
  const used = Object.entries(bindings).flatMap(([name, binding]) => {
    const gadget = byId.get(binding.gadget);
    return gadget === undefined ? [] : bindGadget(gadget, name, binding).providers;
  });
  return Object.freeze({
    id: CONSOLE_HOST,
    name: 'Oriel’s administration console',
    origins: [siteOrigin],
    key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(secret) } as const,
    gadgets: Object.keys(bindings),
    bindings,
    providers: unique(used),
    connectMode: 'opener',
    connectUrl: null,
  });
};

const NO_HOSTS: readonly Host[] = [];

/**
 * The directory with the console as one more host, which may show every gadget, also as the other `hosts` bind it; without a key or a console there is none. `keys` gives
 * the ring as it is now: a key that is no longer first, perhaps because it leaked, signs nothing from that moment.
 */
export const withConsoleHost = (
  directory: Directory,
  { siteOrigin, admin }: Pick<Config, 'siteOrigin' | 'admin'>,
  keys: () => readonly SealingKey[],
  hosts: () => readonly Host[] = () => NO_HOSTS,
): Directory => {
  if (!admin.enabled) return directory;
  let held: {
    readonly first: SealingKey;
    readonly gadgets: readonly Gadget[];
    readonly hosts: readonly Host[];
    readonly host: Host;
  } | null = null;
  const own = (): Host | undefined => {
    const [first] = keys();
    if (first === undefined) return undefined;
    const gadgets = directory.gadgets();
    const others = hosts();
    if (held?.first !== first || held.gadgets !== gadgets || held.hosts !== others)
      held = { first, gadgets, hosts: others, host: consoleHost(siteOrigin, first, gadgets, others) };
    return held.host;
  };
  return { ...directory, host: (id) => (id === CONSOLE_HOST ? own() : directory.host(id)) };
};

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
  readonly discover: Discover;
}

/** What is declared by file and store together, as it is served by now. */
export class LiveSetup {
  readonly directory: Directory;
  readonly inForce: InForce;
  readonly #deps: SetupDeps;
  readonly #served: ReturnType<typeof changeableDirectory>;
  readonly #warn: ReturnType<typeof recordWarnings>;
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
    this.#served = changeableDirectory(deps, deps.discover);
    this.#warn = recordWarnings(deps.journal);
    this.#reader = this.#readerOf(config);
    this.#allow = config.outgoing.allow;
    this.#file = entriesIn(config);
    this.#keys = config.keys;
    this.directory = withConsoleHost(
      this.#served.directory,
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
    this.#warn(records, reading);
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
