import type { Actor } from '../../domain/actor.js';
import type { Journal } from '../../domain/system.js';
import type { KeyRotation, RotationProgress } from './key-rotation.js';

/** A rotation that goes on without anybody waiting for it. */
export interface RotationUnderWay {
  /** How far the one is that this process is making; null when it makes none. */
  progress(): RotationProgress | null;
  /** Begins one unless it is being made already. It is broken off with the process, and taken up again by beginning anew. */
  begin(options: { readonly discard: boolean }, by: Actor): void;
}

const NOT_YET: RotationProgress = { done: 0, lost: 0, total: 0 };

export const rotationUnderWay = (rotation: KeyRotation, journal: Journal): RotationUnderWay => {
  let current: RotationProgress | null = null;
  return {
    progress: () => current,
    begin({ discard }, by) {
      if (current !== null) return;
      current = NOT_YET;
      const tell = (progress: RotationProgress): void => {
        current = progress;
      };
      rotation
        .rotate({ discard, tell }, by)
        .catch((error: unknown) =>
          journal.warn('rotation-broken-off', {
            reason: error instanceof Error ? error.message : 'unknown',
            mend: 'Begin it anew: it goes on where it was broken off.',
          }),
        )
        .finally(() => {
          current = null;
        });
    },
  };
};
