import { SYSTEM } from '../../domain/actor.js';
import type { Connection } from '../../domain/connection.js';
import { type Flow, UNFINISHED } from '../../domain/flow.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { TOO_LATE } from '../consent/consent-failures.js';
import { listUnwantedAccess } from '../tokens/company-access.js';
import { discardFlowTokensLater } from './discard-tokens.js';
import { retireConnection } from './disconnect.js';
import { type RetryDeps, retryRevocations } from './late-revocation.js';

/** Of each kind in one turn, which stopping the server waits for. */
const AT_ONCE = 500;

type SweepDeps = RetryDeps &
  Deps<
    'caches' | 'entropy',
    'connections' | 'flows' | 'frameSessions' | 'spentTokens' | 'tickets' | 'webSessions'
  >;

/**
 * Clears away what was never finished or is not used: flows whose time is over are deleted, Connections unused for `unusedFor`
 * milliseconds taken out of use; then providers are asked to revoke these, and what they could not be asked before. To be called about
 * once a minute, by any number of processes.
 */
export async function sweepUnused(deps: SweepDeps, unusedFor: number): Promise<void> {
  const { connections, flows, frameSessions, spentTokens, tickets, webSessions } = deps.stores;
  const now = deps.clock.now();
  for (const flow of await flows.expired(now, AT_ONCE)) await clearFlow(deps, flow);
  for (const unused of await connections.unusedSince(now - unusedFor, AT_ONCE))
    await clearUnused(deps, unused);
  for (const unwanted of await listUnwantedAccess(deps))
    await clearUnused(deps, unwanted, 'company-access-off');
  await retryRevocations(deps);
  await flows.sweep(now);
  await frameSessions.sweep(now);
  await tickets.sweep(now);
  await spentTokens.sweep(now);
  await webSessions.sweep(now);
}

async function clearFlow(deps: SweepDeps, flow: Flow): Promise<void> {
  const { connections, flows } = deps.stores;
  const ended = await flows.end(flow.id, UNFINISHED, TOO_LATE.status, TOO_LATE.failure);
  // A flow that became a Connection and was not marked so before the process died must not take the tokens along.
  const inUse = (await connections.ofViewer(flow.viewer)).some((connection) => connection.flow === flow.id);
  if (!inUse) await discardFlowTokensLater(deps, flow);
  await flows.remove(flow.id);
  if (ended === null) return;
  deps.journal.note('flow-expired', { flow: flow.id, provider: flow.provider });
  await recordEvent(deps, 'flow.ended', flow, { outcome: 'done', by: SYSTEM, code: 'expired' });
}

async function clearUnused(
  deps: SweepDeps,
  { id, provider }: Connection,
  code: 'unused' | 'company-access-off' = 'unused',
): Promise<void> {
  const found = await retireConnection(deps, id);
  if (found === null) return;
  deps.journal.note(code === 'unused' ? 'connection-unused' : code, { connection: id, provider });
  await recordEvent(deps, 'connection.ended', found.retired, { outcome: 'done', by: SYSTEM, code });
  if (found.hadEnded) await deps.stores.connections.remove(id, 'nothing');
}
