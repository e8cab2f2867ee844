import nunjucks from 'nunjucks';

/** Characters of a text that cost about as much to print or to look through as one step. */
const CHARACTERS_OF_A_STEP = 32;
/** What templates made themselves was counted when it was made; printed once more it is only joined. */
const MADE_CHARACTERS_OF_A_STEP = 256;
/** Items that are compared with one in a step. */
const ITEMS_OF_A_STEP = 16;

/** The steps of looking through a value once, without doing anything to its parts. */
export const lookingThrough = (value: unknown): number => {
  if (typeof value === 'string') return value.length / CHARACTERS_OF_A_STEP;
  if (value instanceof nunjucks.runtime.SafeString)
    return value.toString().length / MADE_CHARACTERS_OF_A_STEP;
  return Array.isArray(value) ? value.length / ITEMS_OF_A_STEP : 0;
};

/**
 * Counts what a template does while it runs: it looks something up, calls, filters, loops or prints. A template runs in one go and keeps
 * everyone else waiting, so one that is shown data of a provider has a limit.
 */
export class Steps {
  #left = Number.POSITIVE_INFINITY;

  /** Runs `work` with at most so many steps; null when they did not suffice. Throws what `work` throws. */
  within<T>(most: number, work: () => T): T | null {
    this.#left = most;
    try {
      return work();
    } catch (error) {
      if (this.#left < 0) return null;
      throw error;
    } finally {
      this.#left = Number.POSITIVE_INFINITY;
    }
  }

  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new Error('a template took too many steps');
  }
}
