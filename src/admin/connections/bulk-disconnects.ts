import { type Actor, nameOf } from '../../domain/actor.js';
import type { BulkDisconnect, Leaver } from '../../domain/bulk-disconnect.js';
import { AppError } from '../../domain/errors.js';
import type { Deps } from '../admin-deps.js';

/** A bulk disconnect, and how many Connections it still has to end. */
export interface BulkDisconnectProgress {
  readonly bulkDisconnect: BulkDisconnect;
  readonly left: number;
}

const LATEST = 50;

/** Starts to end all Connections of `leaver`: it goes on in the background, over restarts, until none is left. */
export function startBulkDisconnect(
  { stores, clock, entropy }: Deps<'clock' | 'entropy', 'bulkDisconnects'>,
  leaver: Leaver,
  by: Actor,
): Promise<BulkDisconnect> {
  return stores.bulkDisconnects.start({
    id: entropy.id(),
    leaver,
    startedAt: clock.now(),
    startedBy: nameOf(by),
  });
}

export async function bulkDisconnectProgress(
  { stores }: Deps<never, 'bulkDisconnects'>,
  bulkDisconnect: BulkDisconnect,
): Promise<BulkDisconnectProgress> {
  const left = bulkDisconnect.finishedAt === null ? await stores.bulkDisconnects.left(bulkDisconnect) : 0;
  return { bulkDisconnect, left };
}

/** The latest fifty, newest first. */
export async function listBulkDisconnects(
  deps: Deps<never, 'bulkDisconnects'>,
): Promise<readonly BulkDisconnectProgress[]> {
  const latest = await deps.stores.bulkDisconnects.latest(LATEST);
  return Promise.all(latest.map((each) => bulkDisconnectProgress(deps, each)));
}

/** Throws `bulk_disconnect_unknown`. */
export async function getBulkDisconnect(
  deps: Deps<never, 'bulkDisconnects'>,
  id: string,
): Promise<BulkDisconnectProgress> {
  const bulkDisconnect = await deps.stores.bulkDisconnects.byId(id);
  if (bulkDisconnect === null)
    throw new AppError('bulk_disconnect_unknown', 'There is no such bulk disconnect.');
  return bulkDisconnectProgress(deps, bulkDisconnect);
}
