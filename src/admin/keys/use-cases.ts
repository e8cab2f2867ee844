import type { Actor } from '../../domain/actor.js';
import { type Instance, SILENT } from '../../store/instance-store.js';
import type { ResealCursor } from '../../store/sealing/reseal.js';
import type { Deps } from '../admin-deps.js';

type RingDeps = Deps<never, 'reseal'>;
export type RotationDeps = RingDeps & Deps<'audit'>;

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
  /** Whether it goes on in the background. */
  readonly running: boolean;
  readonly keys: readonly KeyUse[];
}

/** Why a rotation was not started; nothing was changed. */
export type RotationObstacle =
  /** These servers would go on sealing with another key, or could not open what this one seals. */
  | { readonly kind: 'servers'; readonly servers: readonly Instance[] }
  /** These keys are not in the ring: what they sealed would be given up. */
  | { readonly kind: 'keys'; readonly keys: readonly KeyUse[] };

/** Why one was not started beside another: that gives nothing up, and what is to be given up would stay. */
export interface OtherRotation {
  readonly kind: 'running';
}

/** Values per step: small enough for a progress bar, large enough that asking costs little. */
const STEP = 200;
/** A server may seal with an old key until it has reloaded; a second walk finds what it sealed behind the first. */
const WALKS = 3;

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
  const alive = await stores.instances.alive(clock.now() - SILENT);
  const servers = alive.filter((each) => each.keys[0] !== first);
  if (servers.length > 0) return { kind: 'servers', servers };
  const missing = (await listKeys(deps)).filter(({ role }) => role === 'missing');
  return missing.length > 0 && !discard ? { kind: 'keys', keys: missing } : null;
}

const toDo = (uses: readonly KeyUse[], discard: boolean): number =>
  uses
    .filter(({ role }) => role === 'opens' || (role === 'missing' && discard))
    .reduce((sum, { rows }) => sum + rows, 0);

/** A rotation that goes on: how far it is, as JSON. */
interface Rotation {
  readonly discard: boolean;
  readonly by: Actor;
  readonly progress: RotationProgress;
  /** What each key had sealed at its start. */
  readonly before: string;
  /** Walks that may still start; one is under way where there is a cursor. */
  readonly walks: number;
  readonly cursor: ResealCursor | null;
  /** Given up for good, in all walks; and what this walk found that stays unopened, which every walk finds again. */
  readonly given: number;
  readonly unopened: number;
}

const sealedBy = (uses: readonly KeyUse[]): string => uses.map(({ id, rows }) => `${id}: ${rows}`).join(', ');

async function newRotation(deps: RingDeps, discard: boolean, by: Actor): Promise<Rotation> {
  const keys = await listKeys(deps);
  const progress = { done: 0, lost: 0, total: toDo(keys, discard) };
  return {
    ...{ discard, by, progress, before: sealedBy(keys) },
    ...{ walks: WALKS, cursor: null, given: 0, unopened: 0 },
  };
}

/** Seals the next few values again; null when nothing is left to do. */
async function stepOn(deps: RingDeps, rotation: Rotation): Promise<Rotation | null> {
  const { cursor, discard, progress, walks } = rotation;
  const starts = cursor === null;
  if (starts && (walks === 0 || toDo(await listKeys(deps), discard) === 0)) return null;
  const step = await deps.stores.reseal.step(cursor, STEP, discard);
  const given = rotation.given + step.lost;
  const unopened = (starts ? 0 : rotation.unopened) + step.unopened;
  const done = progress.done + step.resealed + step.lost;
  return {
    ...rotation,
    ...{ given, unopened, cursor: step.next, walks: starts ? walks - 1 : walks },
    progress: { done, lost: given + unopened, total: Math.max(progress.total, done) },
  };
}

async function concludeRotation(deps: RotationDeps, { before, by }: Rotation): Promise<readonly KeyUse[]> {
  const after = await listKeys(deps);
  await deps.audit.record({
    action: 'keys.rotated',
    by,
    outcome: 'done',
    changes: [{ path: 'keys', before, after: sealedBy(after) }],
  });
  return after;
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
  let rotation = await newRotation(deps, discard, by);
  for (let next: Rotation | null = rotation; next !== null; next = await stepOn(deps, rotation)) {
    rotation = next;
    report(rotation.progress);
  }
  return { ...rotation.progress, running: false, keys: await concludeRotation(deps, rotation) };
}

/** The job that seals everything again. */
export const ROTATION = 'rotate-keys';
/** So long is one turn of it, ms: what shows its progress is as old at most, and a server that stops waits for it. */
const TURN = 1000;

/**
 * Has everything sealed again with the first key by whichever server comes to it, unless that is under way: it goes on after a server
 * stops or dies in the middle. Gives what keeps it from doing what is asked; null where nothing does.
 */
export async function startRotation(
  deps: RingDeps & Deps<never, 'jobs'>,
  { discard }: { readonly discard: boolean },
  by: Actor,
): Promise<OtherRotation | null> {
  await deps.stores.jobs.ask(ROTATION, { after: 0, data: await newRotation(deps, discard, by) });
  const pending = await deps.stores.jobs.find(ROTATION);
  return discard && pending !== null && !(pending.data as Rotation).discard ? { kind: 'running' } : null;
}

/** How far the rotation is that was started so; null while there is none. */
export async function findRotation({ stores }: Deps<never, 'jobs'>): Promise<RotationProgress | null> {
  const pending = await stores.jobs.find(ROTATION);
  return pending === null ? null : (pending.data as Rotation).progress;
}

/** How far the rotation is that goes on in the background, and what each key sealed by now; nothing but that where none does. */
export async function showRotation(deps: RingDeps & Deps<never, 'jobs'>): Promise<RotationResult> {
  const progress = await findRotation(deps);
  const shown = progress ?? { done: 0, lost: 0, total: 0 };
  return { ...shown, running: progress !== null, keys: await listKeys(deps) };
}

/** A turn of the job. Gives what is left of it for the next one; null when all is done. */
export async function continueRotation(
  deps: RotationDeps & Deps<'clock'>,
  data: unknown,
): Promise<Rotation | null> {
  const { clock } = deps;
  const until = clock.monotonic() + TURN;
  let rotation = data as Rotation;
  do {
    const next = await stepOn(deps, rotation);
    if (next === null) {
      await concludeRotation(deps, rotation);
      return null;
    }
    rotation = next;
  } while (clock.monotonic() < until);
  return rotation;
}
