import { asViewer, SYSTEM } from '../../domain/actor.js';
import type { Connection, ConnectionId } from '../../domain/connection.js';
import {
  type ConnectMode,
  type Flow,
  type FlowFailure,
  type FlowStatus,
  isTooLate,
} from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import { about, recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { type DiscardDeps, discardFlowTokens } from '../ending/discard-tokens.js';
import { revocationLease, revokeRetired } from '../ending/revoke-tokens.js';
import { type FlowEnd, TOO_LATE } from './consent-failures.js';
import { comesAfter, findViewerFlow, obstacleOf } from './flow-checks.js';
import { toShownMode } from './start-flow.js';

/** How far a flow is, for the frame that polls. */
export interface FlowProgress {
  readonly flow: string;
  readonly provider: string;
  readonly mode: ConnectMode;
  readonly status: FlowStatus | 'expired';
  readonly failure: FlowFailure | null;
  /** The provider whose consent the same window came from, or null. */
  readonly after: string | null;
}

const toProgress = (flow: Flow, now: number): FlowProgress => {
  const { id, provider, after } = flow;
  const known = { flow: id, provider, mode: toShownMode(flow.mode), after };
  const { status, failure } = flow;
  return isTooLate(flow, now)
    ? { ...known, status: 'expired', failure: TOO_LATE.failure }
    : { ...known, status, failure };
};

/**
 * Flows of this viewer that may still make a Connection, newest first: a newly launched frame polls them in place of a lost one.
 * What a newer flow has overtaken is not among them.
 */
export async function listPendingFlows(
  { clock, stores }: Deps<'clock', 'connections' | 'flows'>,
  viewer: Viewer,
): Promise<readonly FlowProgress[]> {
  const now = clock.now();
  const pending = await stores.flows.pending(viewer, now);
  if (pending.length === 0) return [];
  const made = await stores.connections.ofViewer(viewer);
  const isOvertaken = (flow: Flow): boolean =>
    made.some(({ provider, flowStartedAt }) => provider === flow.provider && flowStartedAt > flow.startedAt);
  // One of My connections is continued by that page, until it is accepted: then any frame may make the Connection.
  const isOthers = ({ intent, mode, status }: Flow): boolean =>
    intent === 'visit' || (mode === 'session' && status !== 'accepted');
  // First the frame is to make the Connection of the one before, or to ask for its code.
  const agreed = pending.filter(({ status }) => status === 'coded' || status === 'accepted');
  const isNotYet = (flow: Flow): boolean => agreed.some((before) => comesAfter(flow, before));
  const isShown = (flow: Flow): boolean => !isOvertaken(flow) && !isOthers(flow) && !isNotYet(flow);
  return pending.filter(isShown).map((flow) => toProgress(flow, now));
}

/** What activating a flow needs. */
export type ActivateDeps = DiscardDeps & Deps<'audit' | 'caches' | 'journal', 'flows'>;

/**
 * Tells a polling frame how far a flow is, and makes the Connection of an accepted one: only now does it exist, and only because a
 * frame of the very same viewer asks (T15). The viewer is compared, not the frame, so that a page reloaded during consent loses
 * nothing. The newest flow wins, whichever is accepted last (T19). Asked again after a crash, it finishes what was started.
 */
export async function activateFlow(deps: ActivateDeps, id: string, viewer: Viewer): Promise<FlowProgress> {
  const { clock, stores } = deps;
  const flow = await findViewerFlow(deps, id, viewer);
  if (flow.status !== 'accepted' || isTooLate(flow, clock.now())) return toProgress(flow, clock.now());
  await makeConnection(deps, flow);
  return toProgress((await stores.flows.byId(id)) ?? flow, clock.now());
}

async function makeConnection(deps: ActivateDeps, flow: Flow): Promise<void> {
  const { caches, clock, directory, entropy, stores } = deps;
  const tokens = await stores.flows.tokens(flow);
  // Another frame that polls has finished it.
  if (tokens === null) return;
  const obstacle = obstacleOf(directory, flow);
  if (obstacle !== null) return refuseFlow(deps, flow, obstacle);
  const replacedAs = entropy.id() as ConnectionId;
  const replacedLease = revocationLease(deps);
  const connection = await stores.connections.activate({
    id: entropy.id() as ConnectionId,
    flow,
    tokens,
    account: flow.account,
    scopes: tokens.scopes ?? flow.scopes,
    now: clock.now(),
    replacedAs,
    replacedLease,
  });
  if (connection === null) return supersedeFlow(deps, flow);
  revokeReplaced(deps, replacedAs, replacedLease.holder, connection);
  caches.purge(connection.id);
  await displaceOthers(deps, connection);
  if (await completeFlow(deps, flow)) await recordConnected(deps, flow, connection);
}

async function recordConnected(
  { audit, journal }: ActivateDeps,
  flow: Flow,
  { id, generation }: Connection,
): Promise<void> {
  journal.note('connected', { connection: id, provider: flow.provider, host: flow.viewer.host });
  await audit.record({
    action: 'flow.finished',
    by: asViewer(flow.viewer),
    outcome: 'done',
    ...about(flow),
    changes: [{ path: 'connection', before: generation > 1 ? id : null, after: id }],
  });
}

/** False when another frame that polls did. */
async function completeFlow({ stores }: Deps<never, 'flows'>, flow: Flow): Promise<boolean> {
  const ended = await stores.flows.end(flow.id, ['accepted'], 'active', null);
  await stores.flows.forget(flow.id);
  return ended !== null;
}

/** A newer flow was activated first, or this one's Connection is gone again. */
async function supersedeFlow(deps: ActivateDeps, flow: Flow): Promise<void> {
  const { connections, flows } = deps.stores;
  const winner = await connections.latest(flow.viewer, flow.provider);
  if (winner?.flow === flow.id) return void (await completeFlow(deps, flow));
  if ((await flows.end(flow.id, ['accepted'], 'superseded', null)) === null) return;
  const revoked = await discardFlowTokens(deps, flow);
  deps.journal.note('flow-superseded', { flow: flow.id, provider: flow.provider, revoked });
  await recordEvent(deps, 'flow.ended', flow, { outcome: 'done', by: SYSTEM, code: 'superseded' });
}

/** The host's record was changed while its viewer was asked. */
async function refuseFlow(deps: ActivateDeps, flow: Flow, { status, failure }: FlowEnd): Promise<void> {
  if ((await deps.stores.flows.end(flow.id, ['accepted'], status, failure)) === null) return;
  await discardFlowTokens(deps, flow);
  await recordEvent(deps, 'flow.refused', flow, { outcome: 'refused', by: SYSTEM, code: failure.code });
}

/** A newer grant of the same account ends the older ones at this provider: they are marked now, before they fail. */
async function displaceOthers(deps: ActivateDeps, connection: Connection): Promise<void> {
  const { caches, directory, stores } = deps;
  if (connection.account === null || !directory.provider(connection.provider)?.oneGrantPerAccount) return;
  for (const id of await stores.connections.displace(connection)) {
    caches.purge(id);
    const displaced = await stores.connections.byId(id);
    const event = { outcome: 'done', by: SYSTEM, code: 'connected-elsewhere' } as const;
    if (displaced !== null) await recordEvent(deps, 'connection.ended', displaced, event);
  }
}

/**
 * Revokes the tokens of an account that the viewer no longer uses, kept under this id where there were any. Nothing waits for it: the
 * frame is to show the new data now.
 */
function revokeReplaced(
  deps: ActivateDeps,
  replacedAs: ConnectionId,
  holder: string,
  connection: Connection,
): void {
  const revoke = async (): Promise<void> => {
    const replaced = await deps.stores.connections.byId(replacedAs);
    if (replaced === null) return;
    const outcome = await revokeRetired(deps, replaced, holder);
    deps.journal.note('replaced-revoked', { connection: connection.id, outcome });
    const event = { outcome: 'done', by: asViewer(connection.viewer), code: outcome } as const;
    await recordEvent(deps, 'connection.disconnected', connection, event);
  };
  revoke().catch((error: unknown) =>
    deps.journal.warn('replaced-not-revoked', { connection: connection.id, error: String(error) }),
  );
}
