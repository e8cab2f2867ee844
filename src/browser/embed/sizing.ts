const FIRST = 150;
const SMALLEST = 40;
const TALLEST = 10_000;
/** More than the pictures of any short animation, few enough to go unnoticed. */
const STEPS_OF_A_LOOP = 30;

/** The height to give a frame, from the heights it reports. */
export interface HeightFollower {
  /** Whole pixels, clamped; null when nothing is to be done. */
  follow(reported: number): number | null;
  /** The height in force: a new frame starts with that of the one before it. */
  readonly current: number;
  /** The frame's content is new: what looked like a loop no longer counts. */
  settle(): void;
}

/**
 * Follows a frame up and down, but not into a loop: content that grows with its window reports the same growth after every
 * answer, content that depends on a scroll bar swings between two heights. Either is left alone after thirty equal steps.
 */
export const heightFollower = (): HeightFollower => {
  let current = FIRST;
  let step = 0;
  let repeats = 0;
  return {
    get current() {
      return current;
    },
    follow(reported) {
      if (!Number.isFinite(reported)) return null;
      const height = Math.min(TALLEST, Math.max(SMALLEST, Math.ceil(reported)));
      const change = height - current;
      if (change === 0) return null;
      const swings = change === -step;
      repeats = swings || (change > 0 && change === step) ? repeats + 1 : 0;
      step = change;
      // Of two heights the taller stays, so that nothing is cut off.
      if (repeats >= STEPS_OF_A_LOOP && !(swings && change > 0)) return null;
      current = height;
      return height;
    },
    settle() {
      step = 0;
      repeats = 0;
    },
  };
};
