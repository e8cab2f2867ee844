import type { FileEntries } from '../../config/read-entries.js';
import type { AuditChange } from '../../domain/audit-event.js';
import { type Entry, GROUP, type SetupKind } from '../../domain/setup-record.js';
import type { Fingerprints } from '../../store/sealing/sealing-key.js';
import { changesBetween } from './entry-changes.js';
import { masking } from './masking.js';

const KINDS: readonly SetupKind[] = ['host', 'provider'];

/** What differs between two readings of the configuration file, as the audit log keeps it: secrets masked. */
export const fileChanges = (
  before: FileEntries,
  after: FileEntries,
  fingerprints: Fingerprints,
): readonly AuditChange[] => {
  const { mask } = masking(fingerprints);
  const masked = (file: FileEntries, kind: SetupKind, id: string): Entry | null => {
    const entry = file[GROUP[kind]][id];
    return entry === undefined ? null : mask(kind, entry);
  };
  return KINDS.flatMap((kind) => {
    const ids = new Set([...Object.keys(before[GROUP[kind]]), ...Object.keys(after[GROUP[kind]])]);
    return [...ids].flatMap((id) =>
      changesBetween(masked(before, kind, id), masked(after, kind, id)).map((change) => ({
        ...change,
        path: `${GROUP[kind]}.${id}.${change.path}`,
      })),
    );
  });
};

/** What the file declared and declares no more. */
export const removedFrom = (
  before: FileEntries,
  after: FileEntries,
): readonly { readonly kind: SetupKind; readonly id: string; readonly entry: Entry }[] =>
  KINDS.flatMap((kind) =>
    Object.entries(before[GROUP[kind]])
      .filter(([id]) => !Object.hasOwn(after[GROUP[kind]], id))
      .map(([id, entry]) => ({ kind, id, entry })),
  );
