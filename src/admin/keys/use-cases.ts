import type { Actor } from '../../domain/actor.js';
import type { Journal } from '../../domain/system.js';
import type { Instance } from '../../store/instance-store.js';
import type { ResealCursor } from '../../store/sealing/reseal.js';
import type { AdminDeps, Deps } from '../admin-deps.js';

type RingDeps = Deps<never, 'reseal'>;
type RotationDeps = RingDeps & Deps<'audit'>;

/** One key, as far as the ring and the store know it. */
export interface KeyUse {
  readonly id: string;
  readonly role: 'seals' | 'opens' | 'missing';
  /** Values in the store that it sealed. */
  readonly rows: number;
}

/** The progress of a rotation. `total` is what there was to do at its start. */
export interface RotationProgress {
  readonly done: number;
  readonly lost: number;
  readonly total: number;
}

export interface RotationResult extends RotationProgress {
  readonly keys: readonly KeyUse[];
}

/** Why a rotation was not started; nothing was changed. */
export type RotationObstacle =
  /** These servers would go on sealing with another key, or could not open what this one seals. */
  | { readonly kind: 'servers'; readonly servers: readonly Instance[] }
  /** These keys are not in the ring: what they sealed would be given up. */
  | { readonly kind: 'keys'; readonly keys: readonly KeyUse[] };

/** Values per step: small enough for a progress bar, large enough that asking costs little. */
const STEP = 200;
/** A server may seal with an old key until it has reloaded; a second walk finds what it sealed behind the first. */
const WALKS = 3;
/** A server that has not reported for this long no longer runs, ms. */
const ALIVE = 30_000;

type Step = Awaited<ReturnType<AdminDeps['stores']['reseal']['step']>>;

/** The keys of the ring in order, then those that are missing from it. */
export async function listKeys({ stores }: RingDeps): Promise<readonly KeyUse[]> {
  const counts = new Map((await stores.reseal.counts()).map(({ key, rows }) => [key, rows]));
  const ring = stores.reseal.ring();
  const known = ring.map(
    (id, index): KeyUse => ({ id, role: index === 0 ? 'seals' : 'opens', rows: counts.get(id) ?? 0 }),
  );
  const missing = [...counts].filter(([id]) => !ring.includes(id));
  return [...known, ...missing.map(([id, rows]): KeyUse => ({ id, role: 'missing', rows }))];
}

/** What keeps a rotation from being started; null where nothing does. */
export async function findRotationObstacle(
  deps: RingDeps & Deps<'clock', 'instances'>,
  { discard }: { readonly discard: boolean },
): Promise<RotationObstacle | null> {
  const { clock, stores } = deps;
  const [first] = stores.reseal.ring();
  const alive = await stores.instances.alive(clock.now() - ALIVE);
  const servers = alive.filter((each) => each.keys[0] !== first);
  if (servers.length > 0) return { kind: 'servers', servers };
  const missing = (await listKeys(deps)).filter(({ role }) => role === 'missing');
  return missing.length > 0 && !discard ? { kind: 'keys', keys: missing } : null;
}

const toDo = (uses: readonly KeyUse[], discard: boolean): number =>
  uses
    .filter(({ role }) => role === 'opens' || (role === 'missing' && discard))
    .reduce((sum, { rows }) => sum + rows, 0);

async function walk({ stores }: RingDeps, discard: boolean, report: (step: Step) => void): Promise<void> {
  let cursor: ResealCursor | null = null;
  do {
    const step: Step = await stores.reseal.step(cursor, STEP, discard);
    report(step);
    cursor = step.next;
  } while (cursor !== null);
}

/**
 * Seals everything again with the first key, while servers go on serving. If it is interrupted, starting it again continues it. `discard`
 * gives up what no key of the ring opens: its viewers connect again.
 */
export async function rotateKeys(
  deps: RotationDeps,
  { discard, report }: { readonly discard: boolean; readonly report: (progress: RotationProgress) => void },
  by: Actor,
): Promise<RotationResult> {
  const before = await listKeys(deps);
  let progress: RotationProgress = { done: 0, lost: 0, total: toDo(before, discard) };
  report(progress);
  let given = 0;
  for (let left = WALKS; left > 0 && toDo(await listKeys(deps), discard) > 0; left -= 1) {
    // What stays unopened is found by every walk, and is lost once.
    let unopened = 0;
    await walk(deps, discard, (step) => {
      given += step.lost;
      unopened += step.unopened;
      const done = progress.done + step.resealed + step.lost;
      progress = { done, lost: given + unopened, total: Math.max(progress.total, done) };
      report(progress);
    });
  }
  const after = await listKeys(deps);
  const rows = (uses: readonly KeyUse[]): string =>
    uses.map(({ id, rows: count }) => `${id}: ${count}`).join(', ');
  await deps.audit.record({
    action: 'keys.rotated',
    by,
    outcome: 'done',
    changes: [{ path: 'keys', before: rows(before), after: rows(after) }],
  });
  return { ...progress, keys: after };
}

/** The rotation that this process runs without anyone waiting for it, at most one at a time. It ends with the process. */
export class BackgroundRotation {
  readonly #deps: RotationDeps;
  readonly #journal: Journal;
  #progress: RotationProgress | null = null;

  constructor(deps: RotationDeps, journal: Journal) {
    this.#deps = deps;
    this.#journal = journal;
  }

  /** Null while there is none. */
  progress(): RotationProgress | null {
    return this.#progress;
  }

  /** Starts one unless one is running. If it is interrupted, starting it again continues it. */
  start(options: { readonly discard: boolean }, by: Actor): void {
    if (this.#progress !== null) return;
    this.#progress = { done: 0, lost: 0, total: 0 };
    const report = (progress: RotationProgress): void => {
      this.#progress = progress;
    };
    rotateKeys(this.#deps, { ...options, report }, by)
      .catch((error: unknown) =>
        this.#journal.warn('rotation-broken-off', {
          reason: error instanceof Error ? error.message : 'unknown',
          fix: 'Start it again: it continues where it was interrupted.',
        }),
      )
      .finally(() => {
        this.#progress = null;
      });
  }
}
