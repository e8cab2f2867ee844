import type { Stores } from '../../../src/store/stores.js';
import type { TestClock } from '../../support/test-clock.js';

/** One database as two processes see it; in memory there is only one. */
export interface TwoProcesses {
  readonly stores: Stores;
  readonly others: Stores;
  readonly clock: TestClock;
}

/** Opens a new, empty database for one test; the engine's test closes it. */
export type OpenTwoProcesses = () => Promise<TwoProcesses>;

/** Runs `work` twenty times at once, by turns in both processes. */
export const race = <T>(
  both: TwoProcesses,
  work: (stores: Stores, n: number) => Promise<T>,
): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: 20 }, (_, n) => work(n % 2 === 0 ? both.stores : both.others, n)));
