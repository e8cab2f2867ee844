import { type Actor, asViewer } from '../../domain/actor.js';
import type { Withdrawal } from '../../domain/bulk-disconnect.js';
import type { Connection, ConnectionId } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import { type Flow, type FlowFailure, type FlowStatus, UNFINISHED } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import type { RevocationLease } from '../../store/connections/revocation-queries.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { ENDED_BY_ADMINISTRATOR } from '../consent/consent-failures.js';
import { LONGEST_REVOCATION, lateHolder } from '../leases.js';
import { type DiscardDeps, discardFlowTokens } from './discard-tokens.js';
import { type RevokeDeps, revocationLease, revokeRetired } from './revoke-tokens.js';

/** A Connection that from now on shows nothing, on its way out. */
export interface Retired {
  readonly retired: Connection;
  /** It had no tokens left. */
  readonly hadEnded: boolean;
}

/** One that is revoked by the process that retired it. */
export interface RetiredByUs extends Retired {
  /** The name of their lease. */
  readonly holder: string;
}

/**
 * Takes a Connection out of use, and its cache with it. The first to find it due asks the provider. Null when it is gone, or another request
 * retired it in the same moment.
 */
export async function retireConnection(
  { caches, clock, stores }: Deps<'caches' | 'clock', 'connections'>,
  id: ConnectionId,
  leaseOf: (latest: Connection) => RevocationLease | undefined = () => undefined,
): Promise<Retired | null> {
  const { connections } = stores;
  let found: Retired | null = null;
  // A reconnect may move the generation on at the same moment; whatever is there now must end.
  for (let tries = 0; tries < 2 && found === null; tries += 1) {
    const latest = await connections.byId(id);
    if (latest === null || latest.status === 'revoking') break;
    const retired = await connections.retire(latest, clock.now(), leaseOf(latest));
    if (retired !== null) found = { retired, hadEnded: latest.status === 'reconnect' };
  }
  caches.purge(id);
  return found;
}

/** As `retireConnection`, where the caller asks the provider, unless it is being refreshed. */
export async function retireToRevoke(
  deps: Deps<'caches' | 'clock' | 'entropy' | 'leases' | 'peers', 'connections'>,
  id: ConnectionId,
): Promise<RetiredByUs | null> {
  const lease = revocationLease(deps);
  const found = await retireConnection(deps, id, (latest) => ({
    ...lease,
    over: lateHolder(deps, latest, LONGEST_REVOCATION),
  }));
  return found && { ...found, holder: lease.holder };
}

/** Revokes what a retired Connection still held, and deletes it where nothing is left to be asked. */
export async function revokeOrRemove(
  deps: RevokeDeps,
  { retired, hadEnded, holder }: RetiredByUs,
): Promise<Withdrawal> {
  if (!hadEnded) return revokeRetired(deps, retired, holder);
  await deps.stores.connections.remove(retired.id, 'nothing');
  return 'nothing';
}

/** What Disconnect did: whether the provider was asked, and what to do where it was not. */
export interface Disconnection {
  readonly revoked: Withdrawal;
  /** What people call the provider. */
  readonly name: string;
  /** Where a person sees at the provider what may use their account, or null. */
  readonly accountPage: string | null;
}

type DisconnectDeps = RevokeDeps & Deps<'audit' | 'caches' | 'journal' | 'leases'>;

/**
 * Ends a Connection: from the first step on it shows nothing, then its cache goes, then the provider is asked to revoke the tokens.
 * Where it cannot be reached, the sealed tokens are kept only to ask again.
 */
export async function disconnectConnection(
  deps: DisconnectDeps,
  connection: Connection,
  by: Actor,
): Promise<Disconnection> {
  const { directory, journal } = deps;
  const { id, provider: providerId } = connection;
  const found = await retireToRevoke(deps, id);
  // Another request disconnected it in the same moment.
  const revoked = found === null ? 'nothing' : await revokeOrRemove(deps, found);
  journal.note('disconnected', { connection: id, provider: providerId, revoked });
  await recordEvent(deps, 'connection.disconnected', connection, { outcome: 'done', by, code: revoked });
  const provider = directory.provider(providerId) ?? directory.leaving(providerId);
  return { revoked, name: provider?.name ?? providerId, accountPage: provider?.accountPage ?? null };
}

type DisconnectWithFlowsDeps = DisconnectDeps & DiscardDeps & Deps<never, 'flows'>;

/** Disconnects, and first ends consents of the same viewer and provider that are in one of these steps. */
async function disconnectWithFlows(
  deps: DisconnectWithFlowsDeps,
  connection: Connection,
  by: Actor,
  { from, failure }: { readonly from: readonly FlowStatus[]; readonly failure: FlowFailure },
): Promise<Disconnection> {
  const { flows } = deps.stores;
  const ended: Flow[] = [];
  for (const pending of await flows.pending(connection.viewer, deps.clock.now())) {
    if (pending.provider !== connection.provider) continue;
    const flow = await flows.end(pending.id, from, 'cancelled', failure);
    if (flow === null) continue;
    ended.push(flow);
    await recordEvent(deps, 'flow.ended', flow, { outcome: 'done', by, code: 'cancelled' });
  }
  const done = await disconnectConnection(deps, connection, by);
  for (const flow of ended) await discardFlowTokens(deps, flow);
  return done;
}

/**
 * A viewer's own Disconnect. A consent that was accepted, but of which no frame has made a Connection yet, ends before it: the next
 * frame would make one of it, and a person who disconnects means no.
 */
const BY_VIEWER = {
  from: ['coded', 'accepted'],
  failure: { code: 'cancelled', as: 'cancelled_by_disconnect' },
} as const;

/** An administrator's end of a Connection: no consent that its viewer had started before brings it back. */
export async function disconnectAsAdministrator(
  deps: DisconnectWithFlowsDeps,
  connection: Connection,
  by: Actor,
): Promise<Disconnection> {
  return disconnectWithFlows(deps, connection, by, { from: UNFINISHED, failure: ENDED_BY_ADMINISTRATOR });
}

/** Disconnects the viewer's Connection to a provider, from the gadget's menu. Throws `connection_unknown`. */
export async function disconnectViewer(
  deps: DisconnectWithFlowsDeps,
  viewer: Viewer,
  provider: string,
): Promise<Disconnection> {
  const connection = await deps.stores.connections.latest(viewer, provider);
  if (connection === null || connection.status === 'revoking') throw unknownConnection();
  return disconnectWithFlows(deps, connection, asViewer(viewer), BY_VIEWER);
}

/** Disconnects one Connection of this viewer, from My connections; another viewer's is not found. Throws `connection_unknown`. */
export async function disconnectOwnConnection(
  deps: DisconnectWithFlowsDeps,
  viewer: Viewer,
  id: string,
): Promise<Disconnection> {
  const connection = await deps.stores.connections.byId(id as ConnectionId);
  if (connection === null || connection.viewer.id !== viewer.id || connection.status === 'revoking')
    throw unknownConnection();
  return disconnectWithFlows(deps, connection, asViewer(viewer), BY_VIEWER);
}

const unknownConnection = (): AppError => new AppError('connection_unknown');
