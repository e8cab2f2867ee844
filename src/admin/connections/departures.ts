import { type Actor, nameOf } from '../../domain/actor.js';
import type { Departure, Leaver } from '../../domain/departure.js';
import { AppError } from '../../domain/errors.js';
import type { ManagePorts } from '../admin-ports.js';

/** A departure, and how many Connections still have to go. */
export interface DepartureProgress {
  readonly departure: Departure;
  readonly left: number;
}

/** What is being ended in the background, and what was. */
export interface Departures {
  /** The latest fifty, newest first. */
  latest(): Promise<readonly DepartureProgress[]>;
  /** How far this one is. */
  of(departure: Departure): Promise<DepartureProgress>;
  /** Throws `departure_unknown`. */
  byId(id: string): Promise<DepartureProgress>;
}

const LATEST = 50;

export const departures = ({ stores }: Pick<ManagePorts, 'stores'>): Departures => {
  const progress = async (departure: Departure): Promise<DepartureProgress> => ({
    departure,
    left: departure.finishedAt === null ? await stores.departures.left(departure) : 0,
  });
  return {
    of: progress,
    latest: async () => Promise.all((await stores.departures.latest(LATEST)).map(progress)),
    async byId(id) {
      const departure = await stores.departures.byId(id);
      if (departure === null) throw new AppError('departure_unknown', 'There is no such departure.');
      return progress(departure);
    },
  };
};

/** Begins the end of all Connections of `leaver`: from now on it goes on in the background, over restarts, until nothing is left. */
export const startDeparture =
  ({ stores, clock, entropy }: Pick<ManagePorts, 'stores' | 'clock' | 'entropy'>) =>
  (leaver: Leaver, by: Actor): Promise<Departure> =>
    stores.departures.start({
      id: entropy.id(),
      leaver,
      startedAt: clock.now(),
      startedBy: nameOf(by),
    });
