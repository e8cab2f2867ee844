import { type Actor, ANONYMOUS, SYSTEM } from '../../domain/actor.js';
import type { BulkDisconnect, Withdrawal } from '../../domain/bulk-disconnect.js';
import type { ConnectionId } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import type { Secret } from '../../domain/secret.js';
import { Waker } from '../../domain/system.js';
import type { Viewer } from '../../domain/viewer.js';
import type { HostTokens } from '../../hosts/host-tokens.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import {
  type BulkDisconnectDeps,
  concludeBulkDisconnect,
  emptyBulkDisconnect,
} from './bulk-disconnect-steps.js';
import {
  type Disconnection,
  disconnectConnection,
  type RetiredByUs,
  retireToRevoke,
  revokeOrRemove,
} from './disconnect.js';

/** What became of one permission that a viewer had given. */
export interface LeftPermission {
  readonly provider: string;
  /** What people call the provider. */
  readonly name: string;
  readonly outcome: Withdrawal;
  /** Where the person sees at the provider what may use their account, or null. */
  readonly accountPage: string | null;
}

/** How far the end of all that is kept of a viewer is. */
export interface Leaving {
  /** Null when nothing was kept of them. */
  readonly departure: string | null;
  readonly total: number;
  /** Connections whose provider was not asked yet. */
  readonly left: number;
  /** Those that this call found; `kept` are asked again in the background. Absent where there were none. */
  readonly providers?: readonly LeftPermission[];
}

/** What erasing did. */
export interface Erasure {
  readonly disconnections: readonly Disconnection[];
  /** Permissions whose provider could not be asked yet. */
  readonly left: number;
}

/** A host says, by a token of purpose `leave`, good once, that a person has left it. Throws `host_unknown` and `token_*`. */
export async function removeHostViewer(
  deps: BulkDisconnectDeps &
    Deps<never, 'spentTokens'> & { readonly hostTokens: Pick<HostTokens, 'verifyFor'> },
  hostId: string,
  token: Secret,
): Promise<Leaving> {
  const { audit, directory, hostTokens, stores } = deps;
  const host = directory.host(hostId);
  if (host === undefined) throw new AppError('host_unknown');
  const { viewer, jti, replayableUntil } = await hostTokens.verifyFor(host, token, 'leave');
  if (!(await stores.spentTokens.spend(host.id, jti, replayableUntil))) throw new AppError('token_replayed');
  const by: Actor = { kind: 'host', id: host.id };
  return forgetViewer(deps, viewer, host.id, ({ id }) =>
    // The viewer is not named: the log would have to forget it in the same moment.
    audit.record({ action: 'viewer.left', by, outcome: 'done', host: host.id, subject: id }),
  );
}

/** The viewer's own wish: disconnects everything, asks each provider, and forgets the rest. */
export async function eraseViewer(deps: BulkDisconnectDeps, viewer: Viewer, by: Actor): Promise<Erasure> {
  const live = (await deps.stores.connections.ofViewer(viewer)).filter(({ status }) => status !== 'revoking');
  const disconnections = await Promise.all(
    live.map((connection) => disconnectConnection(deps, connection, by)),
  );
  const { left } = await forgetViewer(deps, viewer, 'viewer', ({ id }) =>
    deps.audit.record({
      action: 'viewer.erased',
      by: ANONYMOUS,
      outcome: 'done',
      host: viewer.host,
      subject: id,
    }),
  );
  return { disconnections, left };
}

const GONE: Leaving = { departure: null, total: 0, left: 0 };

/**
 * Forgets a viewer: nothing of theirs is shown any more when this resolves, and their frames are closed. Their providers are asked at
 * once, and again in the background where they do not answer; then the last that names them is deleted. Called again, it reports how
 * far that is, and includes what is kept of them since.
 */
async function forgetViewer(
  deps: BulkDisconnectDeps,
  viewer: Viewer,
  startedBy: string,
  onStart: (bulk: BulkDisconnect) => Promise<void>,
): Promise<Leaving> {
  const { audit, bulkDisconnects } = deps.stores;
  const known = await resumeBulkDisconnect(deps, viewer);
  if (known === null && !(await isKnown(deps, viewer))) {
    await audit.forget(viewer);
    return GONE;
  }
  const bulk = known ?? (await startBulkDisconnect(deps, viewer, startedBy));
  if (known === null) await onStart(bulk);
  const retired = await retireLive(deps, viewer);
  await emptyBulkDisconnect(deps, bulk);
  const providers = await revokeAndReport(deps, viewer, retired);
  const left = (await concludeBulkDisconnect(deps, bulk)) ? 0 : await bulkDisconnects.left(bulk);
  const leaving = { departure: bulk.id, total: bulk.total, left };
  return providers.length === 0 ? leaving : { ...leaving, providers };
}

/** Whether anything is kept, be it only that a frame is open. */
async function isKnown({ stores }: Deps<never, 'connectionLists'>, viewer: Viewer): Promise<boolean> {
  const kept = await stores.connectionLists.everythingOf(viewer);
  return Object.values(kept).some((rows) => rows.length > 0);
}

async function startBulkDisconnect(
  { clock, entropy, stores }: Deps<'clock' | 'entropy', 'bulkDisconnects'>,
  viewer: Viewer,
  startedBy: string,
): Promise<BulkDisconnect> {
  const leaver = { kind: 'viewer', host: viewer.host, viewer } as const;
  return stores.bulkDisconnects.start({ id: entropy.id(), leaver, startedAt: clock.now(), startedBy });
}

/** The one that is under way; null when there is none, or it was finished in this moment. */
async function resumeBulkDisconnect(
  { clock, stores: { bulkDisconnects } }: Deps<'clock', 'bulkDisconnects'>,
  viewer: Viewer,
): Promise<BulkDisconnect | null> {
  const known = await bulkDisconnects.ofViewer(viewer);
  return known && bulkDisconnects.again(known.id, clock.now());
}

async function retireLive(deps: BulkDisconnectDeps, viewer: Viewer): Promise<readonly RetiredByUs[]> {
  const { stores } = deps;
  const live = (await stores.connections.ofViewer(viewer)).filter(({ status }) => status !== 'revoking');
  const found = await Promise.all(live.map(({ id }) => retireToRevoke(deps, id)));
  const retired = found.filter((each) => each !== null);
  for (const each of retired) {
    const event = { outcome: 'done', by: SYSTEM, code: 'departure' } as const;
    await recordEvent(deps, 'connection.disconnected', each.retired, event);
  }
  return retired;
}

/**
 * Asks the providers of everything that was just taken out of use, and reports what came of it: the host can then tell the person where
 * something is left to do.
 */
async function revokeAndReport(
  deps: BulkDisconnectDeps,
  viewer: Viewer,
  retired: readonly RetiredByUs[],
): Promise<readonly LeftPermission[]> {
  const done = await revokeInTime(deps, retired);
  const ours = new Set(retired.map((each) => each.retired.id));
  const waiting = (await deps.stores.connections.ofViewer(viewer)).filter(
    ({ id, status }) => status === 'revoking' && !ours.has(id),
  );
  // One of ours may end between the two looks: it is reported all the same.
  return [...retired.map((each) => each.retired), ...waiting]
    .map(({ id, provider }) => toLeftPermission(deps, provider, done.get(id) ?? 'kept'))
    .toSorted((one, other) => (one.provider < other.provider ? -1 : Number(one.provider > other.provider)));
}

/** How long providers have to answer before the one who reported a leaving is answered, ms; what takes longer is `kept`. */
const PATIENCE = 8_000;

/** What is not answered in time goes on, and is `kept` until it is. */
async function revokeInTime(
  deps: BulkDisconnectDeps,
  all: readonly RetiredByUs[],
): Promise<ReadonlyMap<ConnectionId, Withdrawal>> {
  const { clock, journal } = deps;
  const done = new Map<ConnectionId, Withdrawal>();
  const isAnswered = new Waker();
  const asked = Promise.all(
    all.map(async (each) => {
      const { id, provider } = each.retired;
      const outcome = await revokeOrRemove(deps, each);
      journal.note('disconnected', { connection: id, provider, revoked: outcome });
      done.set(id, outcome);
    }),
  );
  await Promise.race([asked, clock.sleep(PATIENCE, isAnswered)]);
  isAnswered.wake();
  return new Map(done);
}

const toLeftPermission = (
  { directory }: Deps<'directory'>,
  provider: string,
  outcome: Withdrawal,
): LeftPermission => {
  const accountPage = (directory.provider(provider) ?? directory.leaving(provider))?.accountPage ?? null;
  return { provider, name: directory.providerName(provider), outcome, accountPage };
};
