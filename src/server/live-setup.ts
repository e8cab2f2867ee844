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
import { CONSOLE_HOST } from '../hosts/console-host.js';
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
const consoleHost = (siteOrigin: string, first: SealingKey, gadgets: readonly Gadget[]): Host => {
  const secret = createHmac('sha256', first.key.reveal()).update(CONSOLE_HOST).digest('base64url');
  return Object.freeze({
    id: CONSOLE_HOST,
    name: 'Oriel’s administration console',
    origins: [siteOrigin],
    key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(secret) } as const,
    gadgets: gadgets.map(({ id }) => id),
    providers: unique(gadgets.flatMap(({ providers }) => providers)),
    connectMode: 'opener',
    connectUrl: null,
  });
};

/**
 * The directory with the console as one more host, which may show every gadget; without a key or a console there is none. `keys` gives
 * the ring as it is now: a key that is no longer first, perhaps because it leaked, signs nothing from that moment.
 */
export const withConsoleHost = (
  directory: Directory,
  { siteOrigin, admin }: Pick<Config, 'siteOrigin' | 'admin'>,
  gadgets: readonly Gadget[],
  keys: () => readonly SealingKey[],
): Directory => {
  if (!admin.enabled) return directory;
  let held: { readonly first: SealingKey; readonly host: Host } | null = null;
  const own = (): Host | undefined => {
    const [first] = keys();
    if (first === undefined) return undefined;
    if (held?.first !== first) held = { first, host: consoleHost(siteOrigin, first, gadgets) };
    return held.host;
  };
  return { ...directory, host: (id) => (id === CONSOLE_HOST ? own() : directory.host(id)) };
};

/** What is declared by file and store together, as it is served by now. */
export interface LiveSetup {
  readonly directory: Directory;
  readonly inForce: InForce;
  /** Takes up what was changed in the store since it was looked at last. */
  poll(): Promise<void>;
  /**
   * Takes a changed file, the store read by its keys. Gives its faults, and changes nothing, when it cannot stand beside the store;
   * else calls `taking` before anything is served by it.
   */
  adopt(config: Config, taking?: () => void): Promise<readonly Fault[]>;
  /** Resolves when the metadata of every provider was asked for once. */
  readonly settled: Promise<void>;
  stop(): void;
}

interface Parts {
  readonly config: Config;
  readonly gadgets: readonly Gadget[];
  readonly stores: Pick<Stores, 'clientStops' | 'fingerprints' | 'setup'>;
  readonly clock: Clock;
  readonly digest: Digest;
  readonly journal: Journal;
  readonly discover: Discover;
}

/**
 * Reads file and store together and serves by them. What the file gets wrong keeps a server from starting (`strict`), and a changed file
 * from being taken; what the store gets wrong is left out and reported, since it can be fixed only while a server runs.
 */
export const openSetup = async (
  { config, gadgets, stores, clock, digest, journal, discover }: Parts,
  { strict }: { readonly strict: boolean },
): Promise<LiveSetup> => {
  // Origins are taken up by a restart only.
  const readerOf = ({ outgoing, hosts }: Pick<Config, 'outgoing' | 'hosts'>): ReadEntries =>
    readerFor({ ...config, outgoing, hosts }, gadgets);
  let reader = readerOf(config);
  let { allow } = config.outgoing;
  const read: ReadEntries = (entries, known) => reader(entries, known);
  const warn = recordWarnings(journal);
  const { directory, providers, take, stop } = changeableDirectory({ gadgets, clock, journal }, discover);

  let file = entriesIn(config);
  let { keys } = config;
  let faults: readonly Fault[] = [];
  let seen = -1;
  let turn: Promise<unknown> = Promise.resolve();

  /** One at a time, so that what was read later is never replaced by what was read before. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const look = (next: FileEntries, by: ReadEntries, ring?: Config['keys']): Promise<Seen> =>
    seenIn(stores.setup, next, by, ring);

  /** Serves by what was seen; the promise is for callers that wait for discovery. */
  const serveBy = (found: Seen): { readonly settled: Promise<void> } => {
    const { revision, records, all, reading } = found;
    warn(records, reading);
    seen = revision;
    faults = reading.inStore;
    return { settled: take(contentOf(read, records, all, reading)) };
  };

  /** Serves by something else than before. */
  const changeTo = async (found: Seen): Promise<{ readonly settled: Promise<void> }> => {
    const { settled } = serveBy(found);
    const before = providers();
    await endStaleStops({ stores, digest }, before);
    const later = settled.then(async () => {
      if (providers().known.length > before.known.length)
        await endStaleStops({ stores, digest }, providers());
    });
    // A caller that waits gets the failure; the log gets it in any case.
    later.catch((error: unknown) => journal.warn('stops-not-ended', { error: String(error) }));
    return { settled: later };
  };

  const refresh = async (): Promise<void> => {
    const { settled } = await inTurn(async () => changeTo(await look(file, read)));
    await settled;
  };

  const first = await look(file, read);
  const wrong = startFaults(file, first.records, first.reading);
  if (strict && wrong.length > 0) throw new ConfigFaults(wrong);
  const { settled } = serveBy(first);

  return {
    directory: withConsoleHost(directory, config, gadgets, () => keys),
    inForce: { file: () => file, bound: () => allow, read, faults: () => faults, refresh },
    async poll() {
      if ((await stores.setup.revision()) === seen) return;
      await inTurn(async () => changeTo(await look(file, read)));
    },
    adopt: (changed, taking) =>
      inTurn(async () => {
        const next = entriesIn(changed);
        const by = readerOf(changed);
        const unbound = readerOf({ ...changed, outgoing: { allow: ANYWHERE, isSet: true } });
        const found = await look(next, by, changed.keys);
        const refused = faultsOfChange(next, unbound, found, faults);
        if (refused.length > 0) return refused;
        file = next;
        keys = changed.keys;
        reader = by;
        allow = changed.outgoing.allow;
        taking?.();
        await changeTo(found);
        return [];
      }),
    settled,
    stop,
  };
};
