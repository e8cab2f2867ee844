import { type Actor, nameOf } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { Secret } from '../../domain/secret.js';
import type { Entry, SetupKind, SetupRecord } from '../../domain/setup-record.js';
import { recordChecks } from './checking-records.js';
import { entryOf } from './declared.js';
import { changesBetween } from './entry-changes.js';
import { recordViews, unknownRecord } from './listing-records.js';
import { masking, settingTimes } from './masking.js';
import type { ManagedRecord, RecordPorts, Records } from './record-types.js';

/** Makes and changes the records of the store, each change from the version it was made of. */
export const changingRecords = (ports: RecordPorts): Pick<Records, 'check' | 'create' | 'change'> => {
  const { clock, inForce } = ports;
  const { setup } = ports.stores;
  const { mask, restore } = masking(ports.stores.fingerprints);
  const { ofStore } = recordViews(ports);
  const checks = recordChecks(ports);

  const foundIn = (records: readonly SetupRecord[], kind: SetupKind, id: string): SetupRecord | undefined =>
    records.find((record) => record.kind === kind && record.id === id);

  /** Writes the record and its audit entry, and serves by it. Null when somebody was quicker. */
  const save = async (
    kind: SetupKind,
    id: string,
    saved: { readonly before: SetupRecord | null; readonly entry: Entry },
    by: Actor,
  ): Promise<ManagedRecord | null> => {
    const { entry } = saved;
    const version = saved.before?.version ?? null;
    const before = saved.before && entryOf(saved.before);
    const now = clock.now();
    const old = { entry: before, secretsSetAt: saved.before?.secretsSetAt ?? {} };
    const record = await setup.put({
      kind,
      id,
      version,
      entry: new Secret(JSON.stringify(entry)),
      secretsSetAt: settingTimes(kind, entry, old, now),
      now,
      by: nameOf(by),
      audit: {
        action: version === null ? `${kind}.created` : `${kind}.changed`,
        by,
        outcome: 'done',
        [kind]: id,
        changes: changesBetween(before && mask(kind, before), mask(kind, entry)),
      },
    });
    if (record === null) return null;
    await inForce.refresh();
    return ofStore(record);
  };

  return {
    async check(kind, id, entry) {
      const records = await setup.all();
      const found = foundIn(records, kind, id);
      const before = found === undefined ? null : entryOf(found);
      const next = restore(kind, entry, before);
      return checks.wrongWith(kind, id, next, records, { given: entry, before });
    },

    async create(kind, id, entry, by) {
      checks.refuseOfFile(kind, id);
      const records = await setup.all();
      if (foundIn(records, kind, id) !== undefined) throw exists(kind, id);
      checks.insistOn(kind, id, entry, records);
      const made = await save(kind, id, { before: null, entry }, by);
      if (made === null) throw exists(kind, id);
      return made;
    },

    async change(kind, id, entry, version, by) {
      const records = await setup.all();
      const found = foundIn(records, kind, id);
      if (found === undefined) {
        checks.refuseOfFile(kind, id);
        throw unknownRecord(kind, id);
      }
      if (found.version !== version || found.leavingAt !== null) throw changedMeanwhile(found);
      const before = entryOf(found);
      const next = restore(kind, entry, before);
      checks.insistOn(kind, id, next, records, { given: entry, before });
      if (before !== null && changesBetween(before, next).length === 0) return ofStore(found);
      const changed = await save(kind, id, { before: found, entry: next }, by);
      if (changed === null) throw changedMeanwhile(found);
      return changed;
    },
  };
};

const exists = (kind: SetupKind, id: string): AppError =>
  new AppError('record_exists', `There is a ${kind} ${id} already, or one that is still being removed.`);

export const changedMeanwhile = ({ kind, id, leavingAt }: SetupRecord): AppError =>
  new AppError(
    'record_changed',
    leavingAt === null
      ? `Somebody else changed the ${kind} ${id} meanwhile. Look at it again, and then change it.`
      : `The ${kind} ${id} is being removed.`,
  );
