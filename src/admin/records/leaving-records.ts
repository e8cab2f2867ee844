import { type Actor, nameOf, SYSTEM } from '../../domain/actor.js';
import type { Leaver } from '../../domain/departure.js';
import { Secret } from '../../domain/secret.js';
import type { Entry, SetupKind } from '../../domain/setup-record.js';
import { startDeparture } from '../connections/departures.js';
import { changesBetween } from './entry-changes.js';
import { masking } from './masking.js';
import type { RecordPorts } from './record-types.js';
import { leaverOf } from './removing-records.js';

type Removed = { readonly kind: SetupKind; readonly id: string; readonly entry: Entry };

/** Whoever began to remove a record and was stopped in between has had this long to go on. */
const OVERDUE = 60_000;

const REMOVED = { code: 'cancelled', message: 'This was removed meanwhile. Nothing was connected.' };

const isSame = (one: Leaver, other: Leaver): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Removes what the configuration file declares no more: where somebody is connected, what it takes to revoke is kept in the store until
 * that is done. Several servers may read the same file at once; one of them does it.
 */
export const removeFromFile = (
  ports: RecordPorts,
): ((removed: readonly Removed[], by: Actor) => Promise<void>) => {
  const { clock, inForce, stores } = ports;
  const { mask } = masking(ports.stores.fingerprints);
  const depart = startDeparture(ports);

  const keep = async ({ kind, id, entry }: Removed, by: Actor): Promise<boolean> => {
    const kept = await stores.setup.put({
      kind,
      id,
      version: null,
      entry: new Secret(JSON.stringify(entry)),
      now: clock.now(),
      by: nameOf(by),
      secretsSetAt: {},
      leaving: true,
      audit: {
        action: `${kind}.removed`,
        by,
        outcome: 'done',
        [kind]: id,
        changes: changesBetween(mask(kind, entry), null),
      },
    });
    return kept !== null;
  };

  /** Where nobody is connected a consent may be under way and a frame open: a host of the same name may have other people. */
  const end = async ({ kind, id }: Removed): Promise<void> => {
    await stores.departures.cancelFlows({ leaver: leaverOf(kind, id), startedAt: clock.now() }, REMOVED);
    if (kind === 'host') await stores.departures.endSessions(id);
  };

  return async (removed, by) => {
    if (removed.length === 0) return;
    const counts = await stores.connectionLists.counts();
    const used = removed.filter(({ kind, id }) => counts.some((each) => each[kind] === id));
    const kept: Removed[] = [];
    for (const each of used) if (await keep(each, by)) kept.push(each);
    await inForce.refresh();
    const records = await stores.setup.all();
    const isStored = ({ kind, id }: Removed): boolean =>
      records.some((each) => each.kind === kind && each.id === id);
    for (const each of removed) if (!used.includes(each) && !isStored(each)) await end(each);
    for (const { kind, id } of kept) await depart(leaverOf(kind, id), by);
  };
};

/** Begins the departures of records whose removal was broken off before. To be called about once a minute. */
export const overdueDepartures = ({
  clock,
  entropy,
  stores,
}: Pick<RecordPorts, 'clock' | 'entropy' | 'stores'>): (() => Promise<void>) => {
  const depart = startDeparture({ clock, entropy, stores });
  return async () => {
    const overdue = (await stores.setup.all()).filter(
      ({ leavingAt }) => leavingAt !== null && clock.now() - leavingAt > OVERDUE,
    );
    if (overdue.length === 0) return;
    const begun = await stores.departures.unfinished();
    for (const { kind, id } of overdue) {
      const leaver = leaverOf(kind, id);
      if (!begun.some((departure) => isSame(departure.leaver, leaver))) await depart(leaver, SYSTEM);
    }
  };
};
