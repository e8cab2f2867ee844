import type { FileEntries } from '../../config/read-entries.js';
import { type Actor, nameOf } from '../../domain/actor.js';
import type { Departure, Leaver } from '../../domain/departure.js';
import type { Fault } from '../../domain/fault.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import { GROUP, type SetupKind, type SetupRecord } from '../../domain/setup-record.js';
import { startDeparture } from '../connections/departures.js';
import { changedMeanwhile } from './changing-records.js';
import { recordChecks } from './checking-records.js';
import { entryOf } from './declared.js';
import { changesBetween } from './entry-changes.js';
import { unknownRecord } from './listing-records.js';
import { masking } from './masking.js';
import type { RecordPorts, Records } from './record-types.js';

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
    problem: `this names the ${kind} ${id}, which is to be removed`,
    expected: `that it is taken out of the file first, and “oriel reload” is run`,
    example: null,
  }));
};

/** Removes records of the store: at once for everybody, their Connections in the background. */
export const removingRecords = (ports: RecordPorts): Pick<Records, 'remove'> => {
  const { clock, entropy, inForce } = ports;
  const { setup } = ports.stores;
  const { mask } = masking(ports.stores.fingerprints);
  const depart = startDeparture(ports);
  const { refuseOfFile } = recordChecks(ports);

  const leave = async (
    found: SetupRecord,
    { version, atOnce }: { readonly version: number; readonly atOnce: boolean },
    by: Actor,
  ): Promise<void> => {
    const { kind, id } = found;
    const before = entryOf(found);
    const changes = changesBetween(before && mask(kind, before), null);
    const left = await setup.leave({
      kind,
      id,
      version,
      now: clock.now(),
      by: nameOf(by),
      atOnce,
      audit: { action: `${kind}.removed`, by, outcome: 'done', [kind]: id, changes },
    });
    if (left === null) throw changedMeanwhile(found);
  };

  /** Nothing is left to do: what the record served is served by the file. */
  const givenUp = (leaver: Leaver, by: Actor): Departure => {
    const now = clock.now();
    return {
      id: entropy.id(),
      leaver,
      startedAt: now,
      startedBy: nameOf(by),
      total: 0,
      revoked: 0,
      asked: 0,
      nothing: 0,
      unrevoked: 0,
      closedAt: now,
      finishedAt: now,
    };
  };

  return {
    async remove(kind, id, version, by) {
      const found = (await setup.all()).find((record) => record.kind === kind && record.id === id);
      if (found === undefined) {
        refuseOfFile(kind, id);
        throw unknownRecord(kind, id);
      }
      const file = inForce.file();
      const isInFile = Object.hasOwn(file[GROUP[kind]], id);
      const named = isInFile ? [] : namedIn(file, kind, id);
      if (named.length > 0) throw new InvalidRecord(named);
      await leave(found, { version, atOnce: isInFile }, by);
      // First nobody is served by it any more, so that all Connections there are can be counted.
      await inForce.refresh();
      return isInFile ? givenUp(leaverOf(kind, id), by) : depart(leaverOf(kind, id), by);
    },
  };
};
