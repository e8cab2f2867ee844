import type { Clock, Entropy, Journal } from '../domain/system.js';
import { DatabaseTrouble } from '../store/database-trouble.js';

/** What failed in the background; that the database cannot be used is in the log already, once a minute. */
export const upkeepFailed = (journal: Journal, error: unknown): void => {
  if (error instanceof DatabaseTrouble) return;
  journal.warn('upkeep-failed', { error: error instanceof Error ? error.message : 'unknown' });
};

export interface TaskDeps {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly journal: Journal;
}

/**
 * Does `work` about every `interval` ms, never twice at a time, each process at its own moment. What fails is noted and tried
 * again at the next turn.
 */
export class RepeatedTask {
  readonly #interval: number;
  readonly #work: () => Promise<void>;
  readonly #deps: TaskDeps;
  #stopped = false;
  #isAsked = false;
  #wake: () => void = () => undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(interval: number, work: () => Promise<void>, deps: TaskDeps) {
    this.#interval = interval;
    this.#work = work;
    this.#deps = deps;
    void this.#repeat();
  }

  /** Takes the next turn at once; where one is in progress, another one after it. */
  ask(): void {
    this.#isAsked = true;
    this.#wake();
  }

  /** Waits for the turn in progress. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
  }

  async #repeat(): Promise<void> {
    const { clock, entropy, journal } = this.#deps;
    for (;;) {
      const isAsked = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      if (!this.#isAsked)
        await Promise.race([clock.sleep(this.#interval * (0.5 + entropy.fraction())), isAsked]);
      if (this.#stopped) return;
      this.#isAsked = false;
      this.#turn = this.#work().catch((error: unknown) => upkeepFailed(journal, error));
      await this.#turn;
    }
  }
}
