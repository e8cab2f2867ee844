import type { Connection, ConnectionId } from '../domain/connection.js';
import type { Clock, Entropy, Peers } from '../domain/system.js';
import { Sightings } from './sightings.js';

/*
 * Who may use a Connection's refresh token: one at a time, whether it refreshes or revokes. That one holds the lease on its row, under a
 * name that nothing else has.
 */

/** How long a refresh may take, ms: longer than a token request does, so that its lease is never lost by a process that is still at work. */
export const LONGEST_REFRESH = 30_000;
/** How long a revocation may take, ms: longer than all the requests that it may need. */
export const LONGEST_REVOCATION = 90_000;

/** A new name for one lease of this process. */
export const newHolder = ({
  entropy,
  peers,
}: {
  readonly entropy: Pick<Entropy, 'id'>;
  readonly peers: Pick<Peers, 'own'>;
}): string => `${peers.own} ${entropy.id()}`;

/** The process that the holder of a lease names. */
const processOf = (holder: string): string => holder.split(' ', 1)[0] ?? '';

/**
 * Who holds leases, and since when this process has seen it: a wall clock that jumps must not end the lease of a process that is still at
 * work, nor lengthen that of one which is not.
 */
export class WatchedLeases {
  readonly #sightings: Sightings;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#sightings = new Sightings(clock);
  }

  /** Whether this holder, whose name no other lease has, was seen to hold it for so long. */
  isOver(id: ConnectionId, holder: string, longest: number): boolean {
    return this.#sightings.seenFor(id, holder) >= longest;
  }
}

/** Who holds a Connection's lease and is known to be dead, or has held it for longer than what they do can take; null where no one does. */
export const lateHolder = (
  { leases, peers }: { readonly leases: WatchedLeases; readonly peers: Pick<Peers, 'isDead'> },
  { id, leaseOwner }: Pick<Connection, 'id' | 'leaseOwner'>,
  longest: number,
): string | null => {
  if (leaseOwner === null) return null;
  return leases.isOver(id, leaseOwner, longest) || peers.isDead(processOf(leaseOwner)) ? leaseOwner : null;
};
