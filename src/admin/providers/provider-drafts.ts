import { AppError } from '../../domain/errors.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Entry, SetupRecord } from '../../domain/setup-record.js';
import type { ProviderDraft } from '../../providers/provider.js';
import { type Declared, declared, entryOf } from '../records/declared.js';
import { keptSecretFaults } from '../records/kept-secrets.js';
import { unknownRecord } from '../records/listing-records.js';
import { masking } from '../records/masking.js';
import type { RecordPorts } from '../records/record-types.js';

/**
 * A provider's record as it serves, or as an entry would serve if it were saved. Each is read for itself, so that a mistake elsewhere
 * keeps nobody from trying it. Throws `record_unknown`, and `InvalidRecord` with every mistake in it.
 */
export const providerDrafts = ({ stores, inForce }: Pick<RecordPorts, 'stores' | 'inForce'>) => {
  const { restore } = masking(stores.fingerprints);
  const keptFaults = keptSecretFaults(inForce.read);

  /** An entry that somebody typed, with those of its masked secrets that go where they went. */
  const typed = (id: string, entry: Entry, records: readonly SetupRecord[], all: Declared): Entry => {
    const own = records.find((record) => record.kind === 'provider' && record.id === id);
    // Never the secrets of the file: whoever types an entry here chooses the server they would be sent to.
    const before = own === undefined ? null : entryOf(own);
    const whole = restore('provider', entry, before);
    const kept = keptFaults({ kind: 'provider', id }, { given: entry, before }, whole, all);
    if (kept.length > 0) throw new InvalidRecord(kept);
    return whole;
  };

  const unopenedOr = (records: readonly SetupRecord[], id: string): AppError =>
    records.some((record) => record.kind === 'provider' && record.id === id)
      ? new AppError(
          'record_unopened',
          `No key of the key ring opens the provider ${id}: it serves nobody.`,
          'Put the key back that sealed it, behind the first one; or remove the provider and make it again.',
        )
      : unknownRecord('provider', id);

  return async (id: string, entry?: Entry): Promise<ProviderDraft> => {
    const records = await stores.setup.all();
    const all = declared(inForce.file(), records);
    const { providers, known, named } = all;
    const saved = Object.hasOwn(providers, id) ? (providers[id] ?? null) : null;
    const whole = entry === undefined ? saved : typed(id, entry, records, all);
    if (whole === null) throw unopenedOr(records, id);
    const hosts = { ...known, host: [...known.host, ...named.host] };
    const read = inForce.read({ hosts: {}, providers: { [id]: whole } }, hosts);
    if ('faults' in read) throw new InvalidRecord(read.faults);
    const [draft] = read.providers;
    if (draft === undefined) throw unknownRecord('provider', id);
    return draft;
  };
};
