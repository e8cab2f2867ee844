import type { FileEntries } from '../../config/read-entries.js';
import type { AuditChange } from '../../domain/audit-event.js';
import { type Entry, GROUP, type SetupKind } from '../../domain/setup-record.js';
import type { Fingerprints } from '../../store/sealing/fingerprints.js';
import { isMasked, type MaskedEntry, maskEntry, maskText } from './masking.js';

const textOf = (value: unknown): string => {
  if (isMasked(value)) return maskText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** Every value by its path; a list is one value. */
const leavesOf = (value: unknown, path: string): readonly (readonly [string, string])[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isMasked(value))
    return [[path, textOf(value)]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, path === '' ? key : `${path}.${key}`));
};

const differencesOf = (before: Entry | null, after: Entry | null): readonly AuditChange[] => {
  const old = new Map(before === null ? [] : leavesOf(before, ''));
  const now = new Map(after === null ? [] : leavesOf(after, ''));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
};

/** What differs between two entries, value by value, as the audit log keeps it; null stands for one that was not there. */
export const changesBetween = (
  before: MaskedEntry | null,
  after: MaskedEntry | null,
): readonly AuditChange[] => differencesOf(before, after);

/** Whether two entries say the same, in whatever order. */
export const isSameEntry = (one: Entry, other: Entry): boolean => differencesOf(one, other).length === 0;

const KINDS: readonly SetupKind[] = ['host', 'provider'];

/** What differs between two readings of the configuration file, as the audit log keeps it: secrets masked. */
export const fileChanges = (
  before: FileEntries,
  after: FileEntries,
  fingerprints: Fingerprints,
): readonly AuditChange[] => {
  const masked = (file: FileEntries, kind: SetupKind, id: string): MaskedEntry | null => {
    const entry = file[GROUP[kind]][id];
    return entry === undefined ? null : maskEntry(fingerprints, kind, entry);
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

/** What the file declared and no longer declares. */
export const removedFrom = (
  before: FileEntries,
  after: FileEntries,
): readonly { readonly kind: SetupKind; readonly id: string; readonly entry: Entry }[] =>
  KINDS.flatMap((kind) =>
    Object.entries(before[GROUP[kind]])
      .filter(([id]) => !Object.hasOwn(after[GROUP[kind]], id))
      .map(([id, entry]) => ({ kind, id, entry })),
  );
