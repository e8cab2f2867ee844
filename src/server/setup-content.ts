import {
  CONSOLE,
  type Declared,
  declared,
  entryOf,
  type Reading,
  readTolerantly,
} from '../admin/records/declared.js';
import type { Config } from '../config/config.js';
import { looseFaults } from '../config/declared-gadgets.js';
import { entriesReader, type FileEntries, type ReadEntries } from '../config/read-entries.js';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import type { SetupRecord } from '../domain/setup-record.js';
import type { Journal } from '../domain/system.js';
import type { ProviderDraft } from '../providers/provider.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import type { SetupStore } from '../store/setup-record-store.js';
import { type Content, idOf, type Stamped } from './served-directory.js';

/** File and store as they stood together at one moment. */
export interface Seen {
  readonly revision: number;
  readonly records: readonly SetupRecord[];
  readonly all: Declared;
  readonly reading: Reading;
}

/** Reads the store, by the keys of `ring` where it is given, together with what a file declares. */
export const seenIn = async (
  setup: SetupStore,
  file: FileEntries,
  read: ReadEntries,
  ring?: readonly SealingKey[],
): Promise<Seen> => {
  const revision = await setup.revision();
  const records = await setup.all(ring);
  const all = declared(file, records);
  return { revision, records, all, reading: readTolerantly(read, file, all) };
};

/** What of the file its records are read by. */
type Rules = Pick<Config, 'gadgetOrigin' | 'siteOrigin' | 'outgoing' | 'hosts'>;

/** Reads entries by the rules of the file; gadgets that hosts name must be there, or be left out because of their own mistakes. */
export const readerFor = (
  config: Rules,
  gadgets: readonly Gadget[],
  leftOut?: ReadonlySet<string>,
): ReadEntries => {
  const read = entriesReader(config, CONSOLE);
  return (entries, known) => {
    const result = read(entries, known);
    if ('faults' in result) return result;
    const faults = looseFaults(result.hosts, gadgets, CONSOLE, leftOut);
    return faults.length > 0 ? { faults } : result;
  };
};

/** The definitions of providers that are being removed, each read by itself: they serve no viewer any more. */
const leavingOf = (
  read: ReadEntries,
  records: readonly SetupRecord[],
  { known, named }: Declared,
): readonly ProviderDraft[] =>
  records.flatMap((record) => {
    const entry = record.kind === 'provider' && record.leavingAt !== null ? entryOf(record) : null;
    if (entry === null) return [];
    const hosts = { ...known, host: [...known.host, ...named.host] };
    const result = read({ hosts: {}, providers: { [record.id]: entry } }, hosts);
    return 'faults' in result ? [] : result.providers;
  });

/** What the directory is to hold. Of an entry the stamp is its text, so that whatever did not change stays the same object. */
export const contentOf = (
  read: ReadEntries,
  records: readonly SetupRecord[],
  all: Declared,
  reading: Reading,
): Content => {
  const stamped = <T>(group: 'hosts' | 'providers', id: string, value: T): Stamped<T> => ({
    value,
    stamp: JSON.stringify(all[group][id]),
  });
  return {
    hosts: reading.hosts.map((host) => stamped('hosts', host.id, host)),
    providers: reading.providers.map((draft) => stamped('providers', idOf(draft), draft)),
    leaving: leavingOf(read, records, all).map((draft) => ({ value: draft, stamp: 'leaving' })),
  };
};

/** Warns of records that cannot be used, and of gadgets that ask for APIs which records do not have, once for as long as nothing about them changes. */
export class RecordWarnings {
  readonly #journal: Journal;
  #reported = '';

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  warn(records: readonly SetupRecord[], reading: Reading, apis: readonly Fault[]): void {
    const closed = records.filter(({ entry }) => entry === null).map(({ kind, id }) => `${kind} ${id}`);
    const wrong = reading.inStore.map(({ path, problem }) => `${path}: ${problem}`);
    const unknown = apis.map(({ path, problem }) => `${path}: ${problem}`);
    const news = JSON.stringify([closed, wrong, unknown]);
    if (news === this.#reported) return;
    this.#reported = news;
    for (const record of closed)
      this.#journal.warn('record-unopenable', {
        record,
        fix: 'No key of the key ring opens it: put back the key that sealed it, or enter it again.',
      });
    for (const fault of wrong)
      this.#journal.warn('record-faulty', {
        fault,
        fix: 'It is not served until it is corrected in the console.',
      });
    for (const fault of unknown)
      this.#journal.warn('gadget-api-unknown', {
        fault,
        fix: 'Add the API to `apis` of the provider, or bind a provider that has it. The rest of the gadget is shown.',
      });
  }
}
