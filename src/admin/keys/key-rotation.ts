import type { Actor } from '../../domain/actor.js';
import type { Instance, ResealCursor } from '../../store/setup-stores.js';
import type { ManagePorts } from '../admin-ports.js';

/** One key, as far as the ring and the store know it. */
export interface KeyUse {
  readonly id: string;
  readonly role: 'seals' | 'opens' | 'missing';
  /** Values in the store that it sealed. */
  readonly rows: number;
}

/** How far a rotation is. `total` is what there was to do at its begin. */
export interface RotationProgress {
  readonly done: number;
  readonly lost: number;
  readonly total: number;
}

export interface RotationResult extends RotationProgress {
  readonly keys: readonly KeyUse[];
}

/** Why a rotation was not begun; nothing was changed. */
export type RotationObstacle =
  /** These servers would go on sealing under another key, or could not open what this one seals. */
  | { readonly kind: 'servers'; readonly servers: readonly Instance[] }
  /** These keys are not in the ring: what they sealed would be given up. */
  | { readonly kind: 'keys'; readonly keys: readonly KeyUse[] };

/** The key ring and what its keys sealed. */
export interface KeyRotation {
  keys(): Promise<readonly KeyUse[]>;
  obstacle(options: { readonly discard: boolean }): Promise<RotationObstacle | null>;
  /**
   * Seals everything anew under the first key, beside servers that go on serving. Broken off, it is taken up again by beginning it
   * anew. `discard` gives up what no key of the ring opens: its viewers connect again.
   */
  rotate(
    options: { readonly discard: boolean; readonly tell: (progress: RotationProgress) => void },
    by: Actor,
  ): Promise<RotationResult>;
}

/** Values per step: small enough for a progress bar, large enough that asking costs little. */
const STEP = 200;
/** A server may seal under an old key until it has heeded a reload; a second walk finds what it sealed behind the first. */
const WALKS = 3;
/** A server that was not heard of for so long is gone. */
export const ALIVE = 30_000;

type Step = Awaited<ReturnType<ManagePorts['stores']['reseal']['step']>>;

export const keyRotation = ({
  stores,
  audit,
  clock,
}: Pick<ManagePorts, 'stores' | 'audit' | 'clock'>): KeyRotation => {
  const { reseal, instances } = stores;

  const keys = async (): Promise<readonly KeyUse[]> => {
    const counts = new Map((await reseal.counts()).map(({ key, rows }) => [key, rows]));
    const ring = reseal.ring();
    const known = ring.map(
      (id, index): KeyUse => ({ id, role: index === 0 ? 'seals' : 'opens', rows: counts.get(id) ?? 0 }),
    );
    const missing = [...counts].filter(([id]) => !ring.includes(id));
    return [...known, ...missing.map(([id, rows]): KeyUse => ({ id, role: 'missing', rows }))];
  };

  const toDo = (uses: readonly KeyUse[], discard: boolean): number =>
    uses
      .filter(({ role }) => role === 'opens' || (role === 'missing' && discard))
      .reduce((sum, { rows }) => sum + rows, 0);

  const walk = async (discard: boolean, tell: (step: Step) => void): Promise<void> => {
    let cursor: ResealCursor | null = null;
    do {
      const step: Step = await reseal.step(cursor, STEP, discard);
      tell(step);
      cursor = step.next;
    } while (cursor !== null);
  };

  return {
    keys,

    async obstacle({ discard }) {
      const [first] = reseal.ring();
      const servers = (await instances.alive(clock.now() - ALIVE)).filter((each) => each.keys[0] !== first);
      if (servers.length > 0) return { kind: 'servers', servers };
      const missing = (await keys()).filter(({ role }) => role === 'missing');
      return missing.length > 0 && !discard ? { kind: 'keys', keys: missing } : null;
    },

    async rotate({ discard, tell }, by) {
      const before = await keys();
      let progress: RotationProgress = { done: 0, lost: 0, total: toDo(before, discard) };
      tell(progress);
      let given = 0;
      for (let left = WALKS; left > 0 && toDo(await keys(), discard) > 0; left -= 1) {
        // What stays unopened is met by every walk, and is lost once.
        let unopened = 0;
        await walk(discard, (step) => {
          given += step.lost;
          unopened += step.unopened;
          const done = progress.done + step.resealed + step.lost;
          progress = { done, lost: given + unopened, total: Math.max(progress.total, done) };
          tell(progress);
        });
      }
      const after = await keys();
      const rows = (uses: readonly KeyUse[]): string =>
        uses.map(({ id, rows: count }) => `${id}: ${count}`).join(', ');
      await audit.record({
        action: 'keys.rotated',
        by,
        outcome: 'done',
        changes: [{ path: 'keys', before: rows(before), after: rows(after) }],
      });
      return { ...progress, keys: after };
    },
  };
};
