import type { FileEntries } from '../../config/read-entries.js';
import { type Actor, nameOf } from '../../domain/actor.js';
import type { BulkDisconnect, Leaver } from '../../domain/bulk-disconnect.js';
import { AppError } from '../../domain/errors.js';
import type { Fault } from '../../domain/fault.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import { Secret } from '../../domain/secret.js';
import { type Entry, GROUP, type SetupKind, type SetupRecord } from '../../domain/setup-record.js';
import type { Deps } from '../admin-deps.js';
import { startBulkDisconnect } from '../connections/bulk-disconnects.js';
import { entryOf, isOf } from './declared.js';
import { changesBetween, isSameEntry } from './entry-changes.js';
import { dated, type MaskedEntry, maskEntry, restoreMasked, settingTimes } from './masking.js';
import { faultsWith, refuseOfFile, requireSound } from './record-checks.js';

/** A provider or host as administrators see it, whichever way it was declared. */
export interface ManagedRecord {
  readonly kind: SetupKind;
  readonly id: string;
  readonly name: string;
  /** `file`: the configuration file declares it, and it can be changed only there. */
  readonly origin: 'file' | 'store';
  /** Of a record in the store, to be sent with a change; null of one in the file. */
  readonly version: number | null;
  /** As the file would declare it; each secret is a `MaskedSecret`. Null when no key opens it. */
  readonly entry: MaskedEntry | null;
  readonly updatedAt: number | null;
  readonly updatedBy: string | null;
  /** Since when it is being removed. */
  readonly leavingAt: number | null;
  /** Why it is not in use although it is not being removed; empty if all is well. */
  readonly faults: readonly Fault[];
}

/** What it takes to list records: those of the file and those of the store. */
export type ListingDeps = Deps<'inForce', 'setup' | 'fingerprints'>;
type SavingDeps = ListingDeps & Deps<'clock'>;
type RemovingDeps = SavingDeps & Deps<'entropy', 'bulkDisconnects'>;

const nameIn = (entry: Entry | null, id: string): string =>
  typeof entry?.name === 'string' ? entry.name : id;

const ofStore = ({ inForce, stores }: ListingDeps, record: SetupRecord): ManagedRecord => {
  const { kind, id, version, updatedAt, updatedBy, leavingAt } = record;
  const entry = entryOf(record);
  return {
    kind,
    id,
    name: nameIn(entry, id),
    origin: 'store',
    version,
    entry: entry && dated(kind, maskEntry(stores.fingerprints, kind, entry), record.secretsSetAt),
    updatedAt,
    updatedBy,
    leavingAt,
    faults: leavingAt === null ? inForce.faults().filter((fault) => isOf(kind, id, fault)) : [],
  };
};

const ofFile = ({ inForce, stores }: ListingDeps, kind: SetupKind): readonly ManagedRecord[] =>
  Object.entries(inForce.file()[GROUP[kind]]).map(([id, entry]) => ({
    kind,
    id,
    name: nameIn(entry, id),
    origin: 'file',
    version: null,
    entry: maskEntry(stores.fingerprints, kind, entry),
    updatedAt: null,
    updatedBy: null,
    leavingAt: null,
    faults: [],
  }));

/** The records of file and store together, by id. Where the file declares an id that is being removed, both are listed. */
export async function listRecords(deps: ListingDeps, kind: SetupKind): Promise<readonly ManagedRecord[]> {
  const made = (await deps.stores.setup.all()).filter((record) => record.kind === kind);
  const all = [...ofFile(deps, kind), ...made.map((record) => ofStore(deps, record))];
  return all.sort((one, other) => (one.id < other.id ? -1 : 1));
}

export const unknownRecord = (kind: SetupKind, id: string): AppError =>
  new AppError('record_unknown', `There is no ${kind} ${id}.`);

/** Throws `record_unknown`. */
export async function getRecord(deps: ListingDeps, kind: SetupKind, id: string): Promise<ManagedRecord> {
  const record = (await listRecords(deps, kind)).find((each) => each.id === id);
  if (record === undefined) throw unknownRecord(kind, id);
  return record;
}

const foundIn = (records: readonly SetupRecord[], kind: SetupKind, id: string): SetupRecord | undefined =>
  records.find((record) => record.kind === kind && record.id === id);

/** What would be wrong if this were saved; nothing is changed. */
export async function checkRecord(
  deps: ListingDeps,
  kind: SetupKind,
  id: string,
  entry: Entry,
): Promise<readonly Fault[]> {
  const records = await deps.stores.setup.all();
  const found = foundIn(records, kind, id);
  const before = found === undefined ? null : entryOf(found);
  const next = restoreMasked(deps.stores.fingerprints, kind, entry, before);
  return faultsWith(deps, { kind, id, entry: next, given: { given: entry, before } }, records);
}

/** Writes the record and its audit entry, and puts it in force. Null when another change came first. */
async function save(
  deps: SavingDeps,
  {
    kind,
    id,
    before: saved,
    entry,
  }: {
    readonly kind: SetupKind;
    readonly id: string;
    readonly before: SetupRecord | null;
    readonly entry: Entry;
  },
  by: Actor,
): Promise<ManagedRecord | null> {
  const { fingerprints, setup } = deps.stores;
  const version = saved?.version ?? null;
  const before = saved && entryOf(saved);
  const now = deps.clock.now();
  const record = await setup.put({
    kind,
    id,
    version,
    entry: new Secret(JSON.stringify(entry)),
    secretsSetAt: settingTimes(kind, entry, { entry: before, secretsSetAt: saved?.secretsSetAt ?? {} }, now),
    now,
    by: nameOf(by),
    audit: {
      action: version === null ? `${kind}.created` : `${kind}.changed`,
      by,
      outcome: 'done',
      [kind]: id,
      changes: changesBetween(
        before && maskEntry(fingerprints, kind, before),
        maskEntry(fingerprints, kind, entry),
      ),
    },
  });
  if (record === null) return null;
  await deps.inForce.refresh();
  return ofStore(deps, record);
}

const exists = (kind: SetupKind, id: string): AppError =>
  new AppError('record_exists', `There is already a ${kind} ${id}, or one that is still being removed.`);

/** Throws `record_exists` or `record_in_file` where there is one of this id. */
export async function requireNew(
  deps: SavingDeps,
  kind: SetupKind,
  id: string,
): Promise<readonly SetupRecord[]> {
  refuseOfFile(deps, kind, id);
  const records = await deps.stores.setup.all();
  if (foundIn(records, kind, id) !== undefined) throw exists(kind, id);
  return records;
}

/** Throws `record_exists`, `record_in_file` and `InvalidRecord`. */
export async function createRecord(
  deps: SavingDeps,
  kind: SetupKind,
  id: string,
  entry: Entry,
  by: Actor,
): Promise<ManagedRecord> {
  requireSound(deps, { kind, id, entry }, await requireNew(deps, kind, id));
  const made = await save(deps, { kind, id, before: null, entry }, by);
  if (made === null) throw exists(kind, id);
  return made;
}

const changedMeanwhile = ({ kind, id, leavingAt }: SetupRecord): AppError =>
  new AppError(
    'record_changed',
    leavingAt === null
      ? `Someone else changed the ${kind} ${id} in the meantime. Check it again, then repeat your change.`
      : `The ${kind} ${id} is being removed.`,
  );

/** `version` is that of the record the change was made from. Throws `record_changed` when there is a newer one, and as `createRecord`. */
export async function changeRecord(
  deps: SavingDeps,
  { kind, id, version }: { readonly kind: SetupKind; readonly id: string; readonly version: number },
  entry: Entry,
  by: Actor,
): Promise<ManagedRecord> {
  const records = await deps.stores.setup.all();
  const found = foundIn(records, kind, id);
  if (found === undefined) {
    refuseOfFile(deps, kind, id);
    throw unknownRecord(kind, id);
  }
  if (found.version !== version || found.leavingAt !== null) throw changedMeanwhile(found);
  const before = entryOf(found);
  const next = restoreMasked(deps.stores.fingerprints, kind, entry, before);
  requireSound(deps, { kind, id, entry: next, given: { given: entry, before } }, records);
  if (before !== null && isSameEntry(before, next)) return ofStore(deps, found);
  const changed = await save(deps, { kind, id, before: found, entry: next }, by);
  if (changed === null) throw changedMeanwhile(found);
  return changed;
}

export const leaverOf = (kind: SetupKind, id: string): Leaver =>
  kind === 'provider' ? { kind, provider: id } : { kind, host: id };

/** Where the file names a record: without it the server would not start again. */
const namedIn = (file: FileEntries, kind: SetupKind, id: string): readonly Fault[] => {
  const paths =
    kind === 'provider'
      ? Object.entries(file.hosts).flatMap(([host, { providers }]) =>
          Array.isArray(providers) && providers.includes(id)
            ? [`hosts.${host}.providers[${providers.indexOf(id)}]`]
            : [],
        )
      : Object.entries(file.providers).flatMap(([provider, { clients }]) =>
          typeof clients === 'object' && clients !== null && Object.hasOwn(clients, id)
            ? [`providers.${provider}.clients.${id}`]
            : [],
        );
  return paths.map((path) => ({
    file: file.file,
    path,
    line: null,
    problem: `this names the ${kind} ${id}, which would be removed`,
    expected: 'that it is taken out of the file first, followed by “oriel reload”',
    example: null,
  }));
};

async function leave(
  { clock, stores }: SavingDeps,
  found: SetupRecord,
  { version, atOnce }: { readonly version: number; readonly atOnce: boolean },
  by: Actor,
): Promise<void> {
  const { kind, id } = found;
  const before = entryOf(found);
  const changes = changesBetween(before && maskEntry(stores.fingerprints, kind, before), null);
  const left = await stores.setup.leave({
    kind,
    id,
    version,
    now: clock.now(),
    by: nameOf(by),
    atOnce,
    audit: { action: `${kind}.removed`, by, outcome: 'done', [kind]: id, changes },
  });
  if (left === null) throw changedMeanwhile(found);
}

/** There is nothing to disconnect: the file serves what the record served. */
function finishedAtOnce({ clock, entropy }: RemovingDeps, leaver: Leaver, by: Actor): BulkDisconnect {
  const now = clock.now();
  return {
    id: entropy.id(),
    leaver,
    startedAt: now,
    startedBy: nameOf(by),
    ...{ total: 0, revoked: 0, asked: 0, nothing: 0, unrevoked: 0 },
    closedAt: now,
    finishedAt: now,
  };
}

/**
 * It is out of use from now on; its Connections are revoked in the background. Throws `record_changed`, and `InvalidRecord` while the
 * configuration file names it. One that the file declares too is handed over to the file at once, with its Connections.
 */
export async function removeRecord(
  deps: RemovingDeps,
  { kind, id, version }: { readonly kind: SetupKind; readonly id: string; readonly version: number },
  by: Actor,
): Promise<BulkDisconnect> {
  const found = foundIn(await deps.stores.setup.all(), kind, id);
  if (found === undefined) {
    refuseOfFile(deps, kind, id);
    throw unknownRecord(kind, id);
  }
  const file = deps.inForce.file();
  const isInFile = Object.hasOwn(file[GROUP[kind]], id);
  const named = isInFile ? [] : namedIn(file, kind, id);
  if (named.length > 0) throw new InvalidRecord(named);
  await leave(deps, found, { version, atOnce: isInFile }, by);
  // First it goes out of use, so that all its Connections can be counted.
  await deps.inForce.refresh();
  const leaver = leaverOf(kind, id);
  return isInFile ? finishedAtOnce(deps, leaver, by) : startBulkDisconnect(deps, leaver, by);
}
