import type { Config } from '../../config/config.js';
import { ConfigFaults } from '../../config/faults.js';
import { entriesIn } from '../../config/read-entries.js';
import type { Fault } from '../../domain/fault.js';
import type { Gadget } from '../../domain/gadget.js';
import type { Clock, Directory, Journal } from '../../domain/ports.js';
import type { FileEntries } from '../../domain/setup.js';
import type { SetupStore } from '../../domain/setup-stores.js';
import { declared } from '../../manage/records/declared.js';
import { isOf, readTolerantly } from '../../manage/records/reading.js';
import type { InForce } from '../../manage/records/records.js';
import { withConsoleHost } from './console-host.js';
import { changeableDirectory, type Discover } from './directory.js';
import { startFaults } from './file-faults.js';
import { contentOf, readerFor, recordWarnings } from './setup-content.js';

/** What is declared by file and store together, as it is served by now. */
export interface LiveSetup {
  readonly directory: Directory;
  readonly inForce: InForce;
  /** Takes up what was changed in the store since it was looked at last. */
  poll(): Promise<void>;
  /** Takes a changed file, the store read by its keys. Gives its faults, and changes nothing, when it cannot stand beside the store. */
  adopt(config: Config): Promise<readonly Fault[]>;
  /** Resolves when the metadata of every provider was asked for once. */
  readonly settled: Promise<void>;
  stop(): void;
}

interface Parts {
  readonly config: Config;
  readonly gadgets: readonly Gadget[];
  readonly setup: SetupStore;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly discover: Discover;
  /** Told of all providers when what is served by was replaced, and before that is done. */
  readonly changed?: (providers: ReturnType<Changeable['providers']>) => Promise<void>;
}

type Changeable = ReturnType<typeof changeableDirectory>;

/**
 * Reads file and store together and serves by them. What the file gets wrong keeps a server from starting (`strict`), and a changed file
 * from being taken; what the store gets wrong is left out and told, since there is nobody to mend it before a server runs.
 */
export const openSetup = async (
  { config, gadgets, setup, clock, journal, discover, changed }: Parts,
  { strict }: { readonly strict: boolean },
): Promise<LiveSetup> => {
  const read = readerFor(config, gadgets);
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

  const look = async (next: FileEntries, ring?: Config['keys']) => {
    const revision = await setup.revision();
    const records = await setup.all(ring);
    const all = declared(next, records);
    return { revision, records, all, reading: readTolerantly(read, next, all) };
  };

  type Seen = Awaited<ReturnType<typeof look>>;

  /** Serves by what was seen; the promise is for whoever wants to wait for discovery. */
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
    await changed?.(before);
    const later = settled.then(async () => {
      if (providers().known.length > before.known.length) await changed?.(providers());
    });
    // Whoever waits learns of a failure; where nobody does it is told to the log.
    later.catch((error: unknown) => journal.warn('stops-not-ended', { error: String(error) }));
    return { settled: later };
  };

  const refresh = async (): Promise<void> => {
    const { settled } = await inTurn(async () => changeTo(await look(file)));
    await settled;
  };

  /** Of the file, and what it would do to records that serve now. */
  const against = (next: FileEntries, { records, reading }: Seen): readonly Fault[] => [
    ...startFaults(next, records, reading),
    ...reading.inStore.filter(
      (fault) =>
        !records.some(({ kind, id }) => isOf(kind, id, fault) && faults.some((old) => isOf(kind, id, old))),
    ),
  ];

  const first = await look(file);
  const wrong = startFaults(file, first.records, first.reading);
  if (strict && wrong.length > 0) throw new ConfigFaults(wrong);
  const { settled } = serveBy(first);

  return {
    directory: withConsoleHost(directory, config, gadgets, () => keys),
    inForce: { file: () => file, read, faults: () => faults, refresh },
    async poll() {
      if ((await setup.revision()) === seen) return;
      await inTurn(async () => changeTo(await look(file)));
    },
    adopt: (changed) =>
      inTurn(async () => {
        const next = entriesIn(changed);
        const found = await look(next, changed.keys);
        const refused = against(next, found);
        if (refused.length > 0) return refused;
        file = next;
        keys = changed.keys;
        await changeTo(found);
        return [];
      }),
    settled,
    stop,
  };
};
