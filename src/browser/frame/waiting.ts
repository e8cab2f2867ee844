/** A wait that can be cut short. */
export interface Pause {
  wait(ms: number): Promise<void>;
  /** Ends the wait now, if there is one. */
  nudge(): void;
}

export const pause = (): Pause => {
  let wake: (() => void) | null = null;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, ms);
        function done(): void {
          clearTimeout(timer);
          wake = null;
          resolve();
        }
        wake = done;
      }),
    nudge: () => wake?.(),
  };
};

/** Milliseconds before try number `tries` (from 1): 2 s, doubled up to a minute, minus up to half so that frames spread. */
export const backOff = (tries: number): number =>
  Math.min(60_000, 1000 * 2 ** Math.min(tries, 10)) * (1 - Math.random() / 2);
