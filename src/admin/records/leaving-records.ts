import { type Actor, nameOf, SYSTEM } from '../../domain/actor.js';
import type { Leaver } from '../../domain/bulk-disconnect.js';
import { Secret } from '../../domain/secret.js';
import type { Entry, SetupKind } from '../../domain/setup-record.js';
import type { Deps } from '../admin-deps.js';
import { startBulkDisconnect } from '../connections/bulk-disconnects.js';
import { changesBetween } from './entry-changes.js';
import { maskEntry } from './masking.js';
import { leaverOf } from './use-cases.js';

export type LeavingDeps = Deps<
  'clock' | 'entropy' | 'inForce',
  'connectionLists' | 'bulkDisconnects' | 'fingerprints' | 'setup'
>;
type Removed = { readonly kind: SetupKind; readonly id: string; readonly entry: Entry };

/** A removal that was interrupted is taken up again after this long, ms. */
const OVERDUE = 60_000;

const REMOVED = { code: 'cancelled', message: 'This was removed in the meantime. Nothing was connected.' };

const isSame = (one: Leaver, other: Leaver): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Keeps in the store what it takes to revoke; false when another server has done it. */
async function keep(
  { clock, stores }: LeavingDeps,
  { kind, id, entry }: Removed,
  by: Actor,
): Promise<boolean> {
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
      changes: changesBetween(maskEntry(stores.fingerprints, kind, entry), null),
    },
  });
  return kept !== null;
}

/** Where no one is connected a consent may be in progress and a frame open: a host with the same id may have other people. */
async function end({ clock, stores }: LeavingDeps, { kind, id }: Removed): Promise<void> {
  await stores.bulkDisconnects.cancelFlows({ leaver: leaverOf(kind, id), startedAt: clock.now() }, REMOVED);
  if (kind === 'host') await stores.bulkDisconnects.endSessions(id);
}

/**
 * Removes what the configuration file no longer declares: where someone is connected, what it takes to revoke is kept in the store until
 * that is done. Several servers may read the same file at once; one of them does it.
 */
export async function removeFromFile(
  deps: LeavingDeps,
  removed: readonly Removed[],
  by: Actor,
): Promise<void> {
  if (removed.length === 0) return;
  const counts = await deps.stores.connectionLists.counts();
  const used = removed.filter(({ kind, id }) => counts.some((each) => each[kind] === id));
  const kept: Removed[] = [];
  for (const each of used) if (await keep(deps, each, by)) kept.push(each);
  await deps.inForce.refresh();
  const records = await deps.stores.setup.all();
  const isStored = ({ kind, id }: Removed): boolean =>
    records.some((each) => each.kind === kind && each.id === id);
  for (const each of removed) if (!used.includes(each) && !isStored(each)) await end(deps, each);
  for (const { kind, id } of kept) await startBulkDisconnect(deps, leaverOf(kind, id), by);
}

/** Starts the bulk disconnects of records whose removal was interrupted. To be called about once a minute. */
export async function startOverdueDisconnects(
  deps: Deps<'clock' | 'entropy', 'bulkDisconnects' | 'setup'>,
): Promise<void> {
  const { clock, stores } = deps;
  const overdue = (await stores.setup.all()).filter(
    ({ leavingAt }) => leavingAt !== null && clock.now() - leavingAt > OVERDUE,
  );
  if (overdue.length === 0) return;
  const started = await stores.bulkDisconnects.unfinished();
  for (const { kind, id } of overdue) {
    const leaver = leaverOf(kind, id);
    if (!started.some((each) => isSame(each.leaver, leaver))) await startBulkDisconnect(deps, leaver, SYSTEM);
  }
}
