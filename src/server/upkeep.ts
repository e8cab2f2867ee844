import type { Clock, Entropy, Journal } from '../domain/system.js';
import { DatabaseTrouble } from '../store/database-trouble.js';

/** What failed in the background; that the database cannot be used is in the log already, once a minute. */
export const upkeepFailed = (journal: Journal, error: unknown): void => {
  if (error instanceof DatabaseTrouble) return;
  journal.warn('upkeep-failed', { error: error instanceof Error ? error.message : 'unknown' });
};

/**
 * Does `work` about every `interval` ms, never twice at a time, each process at its own moment. What fails is noted and tried
 * again at the next turn. `stop` waits for the turn under way.
 */
export const every = (
  interval: number,
  work: () => Promise<void>,
  { clock, entropy, journal }: { clock: Clock; entropy: Entropy; journal: Journal },
): { stop(): Promise<void> } => {
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const loop = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(interval * (0.5 + entropy.fraction()));
      if (stopped) return;
      turn = work().catch((error: unknown) => upkeepFailed(journal, error));
      await turn;
    }
  };
  void loop();
  return {
    async stop() {
      stopped = true;
      await turn;
    },
  };
};
