const FIRST = 150;
const SMALLEST = 40;
const TALLEST = 10_000;
/** More than the frames of a short animation, few enough to go unnoticed. */
const STEPS_OF_A_LOOP = 30;

/** The height to give a frame, from the heights it reports. */
export interface HeightFollower {
  /** Whole pixels, clamped; null if nothing changes. */
  follow(reported: number): number | null;
  /** The current height: a new frame starts with that of the previous one. */
  readonly current: number;
  /** The frame's content is new: what looked like a loop no longer counts. */
  settle(): void;
}

/**
 * Follows the height of a frame, but not into a loop: content that grows with its window reports the same growth after every
 * change, and content that depends on a scroll bar alternates between two heights. Both stop after thirty equal steps.
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
      // The taller of two heights stays, so that nothing is cut off.
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
