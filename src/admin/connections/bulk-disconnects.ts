import { type Actor, nameOf } from '../../domain/actor.js';
import type { Departure, Leaver } from '../../domain/departure.js';
import { AppError } from '../../domain/errors.js';
import type { Deps } from '../admin-deps.js';

/** A bulk disconnect, and how many Connections it still has to end. */
export interface BulkDisconnectProgress {
  readonly departure: Departure;
  readonly left: number;
}

const LATEST = 50;

/** Starts to end all Connections of `leaver`: it goes on in the background, over restarts, until none is left. */
export function startBulkDisconnect(
  { stores, clock, entropy }: Deps<'clock' | 'entropy', 'departures'>,
  leaver: Leaver,
  by: Actor,
): Promise<Departure> {
  return stores.departures.start({
    id: entropy.id(),
    leaver,
    startedAt: clock.now(),
    startedBy: nameOf(by),
  });
}

export async function bulkDisconnectProgress(
  { stores }: Deps<never, 'departures'>,
  departure: Departure,
): Promise<BulkDisconnectProgress> {
  const left = departure.finishedAt === null ? await stores.departures.left(departure) : 0;
  return { departure, left };
}

/** The latest fifty, newest first. */
export async function listBulkDisconnects(
  deps: Deps<never, 'departures'>,
): Promise<readonly BulkDisconnectProgress[]> {
  const latest = await deps.stores.departures.latest(LATEST);
  return Promise.all(latest.map((each) => bulkDisconnectProgress(deps, each)));
}

/** Throws `departure_unknown`. */
export async function getBulkDisconnect(
  deps: Deps<never, 'departures'>,
  id: string,
): Promise<BulkDisconnectProgress> {
  const departure = await deps.stores.departures.byId(id);
  if (departure === null) throw new AppError('departure_unknown', 'There is no such bulk disconnect.');
  return bulkDisconnectProgress(deps, departure);
}
