import type { Clock, Entropy, Journal } from '../domain/system.js';
import type { MeterStore } from '../store/setup-stores.js';
import type { Tally } from './tally.js';
import { every, upkeepFailed } from './upkeep.js';

const FLUSH = 30_000;
const SWEEP = 60 * 60_000;
/** How long counts are kept: a week, and the day that is being shown. */
const KEPT = 8 * 24 * 60 * 60_000;

/** Writes down what was counted about every half minute; `stop` writes what is left. */
export const keepTally = (
  tally: Tally,
  store: MeterStore,
  { clock, entropy, journal }: { clock: Clock; entropy: Entropy; journal: Journal },
): { stop(): Promise<void> } => {
  // Each process adds to the counts; only its own it may replace.
  const process = entropy.id();
  const flush = () => tally.tell((rows) => store.put(process, rows));
  const flushing = every(FLUSH, flush, { clock, entropy, journal });
  const sweeping = every(SWEEP, () => store.sweep(clock.now() - KEPT), { clock, entropy, journal });
  return {
    async stop() {
      await sweeping.stop();
      await flushing.stop();
      await flush().catch((error: unknown) => upkeepFailed(journal, error));
    },
  };
};
