import { setFlagsFromString } from 'node:v8';

/** Milliseconds between two looks at the memory. */
const EVERY = 2000;
/** Of the memory that the process should stay within: above `NEAR` old garbage is collected early, below `FAR` it is left to V8 again. */
const NEAR = 0.75;
const FAR = 0.6;
/** How much of the live heap may be garbage before it is collected, percent; 0 leaves it to V8. */
const EARLY = 20;
const AS_USUAL = 0;

/** What the process may take of memory: what it takes before anyone looks, and one and a half times the budget; bytes. */
export const memoryAim = (base: number, budget: number): number => base + 1.5 * budget;

/**
 * Keeps the heap near what is alive in it once the process comes close to what `memoryBudget` promises. By itself V8 lets a heap of this size
 * grow to several times that; collecting early all the time would make every render dearer. For the one server of a process: the growth is the
 * whole process's.
 */
export const watchHeapGrowth = (
  budget: number,
  set: (percent: number) => void = (percent) => setFlagsFromString(`--heap-growing-percent=${percent}`),
  resident: () => number = () => process.memoryUsage.rss(),
): NodeJS.Timeout => {
  const aim = memoryAim(resident(), budget);
  let isEarly = false;
  return setInterval(() => {
    const share = resident() / aim;
    if (isEarly ? share > FAR : share < NEAR) return;
    isEarly = !isEarly;
    set(isEarly ? EARLY : AS_USUAL);
  }, EVERY).unref();
};
