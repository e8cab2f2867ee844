import type { Clock } from '../domain/system.js';
import { SILENT } from '../store/instance-store.js';
import type { Stores } from '../store/stores.js';
import { isGone } from './peers.js';

/**
 * A restart of everything is an administrator's way to say that a stopped client was fixed. Of one server among several it says nothing: a
 * worker was replaced, or a machine added, while others keep from asking.
 */
export const clearStopsAfterRestart = async (
  { clientStops, instances }: Pick<Stores, 'clientStops' | 'instances'>,
  clock: Pick<Clock, 'now'>,
): Promise<void> => {
  const others = await instances.alive(clock.now() - SILENT);
  if (others.every(({ id }) => isGone(id))) await clientStops.clear(null);
};
