import { SYSTEM } from '../../domain/actor.js';
import type { BulkDisconnect } from '../../domain/bulk-disconnect.js';
import type { FlowFailure } from '../../domain/flow.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { ENDED_BY_ADMINISTRATOR } from '../consent/consent-failures.js';
import { type DiscardDeps, discardFlowTokens, discardFlowTokensLater } from './discard-tokens.js';
import { retireConnection } from './disconnect.js';
import { type RetryDeps, retryRevocations } from './late-revocation.js';

const AT_ONCE = 100;

const FAILURES: Readonly<Record<BulkDisconnect['leaver']['kind'], FlowFailure>> = {
  provider: { code: 'cancelled', as: 'cancelled_provider_removed' },
  host: { code: 'cancelled', as: 'cancelled_host_removed' },
  connections: ENDED_BY_ADMINISTRATOR,
  viewer: { code: 'cancelled', as: 'cancelled_erased' },
};

/** Other processes may not know yet that a provider or host is being removed, and connect a viewer once more, for so long at most, ms. */
const PROPAGATION_DELAY = 15_000;

/** What the steps of a bulk disconnect need. */
export type BulkDisconnectDeps = DiscardDeps &
  Deps<
    'audit' | 'caches' | 'journal' | 'leases',
    'audit' | 'connectionLists' | 'bulkDisconnects' | 'flows' | 'setup'
  >;

/**
 * Continues every unfinished bulk disconnect: takes out of use what is left, asks the providers, and finishes what is done. To be called
 * every few seconds, by any number of processes; where there is none it costs one read.
 */
export async function continueBulkDisconnects(deps: BulkDisconnectDeps & RetryDeps): Promise<void> {
  const unfinished = await deps.stores.bulkDisconnects.unfinished();
  if (unfinished.length === 0) return;
  for (const each of unfinished) await emptyBulkDisconnect(deps, each);
  await retryRevocations(deps);
  for (const each of unfinished) await concludeBulkDisconnect(deps, each);
}

/*
 * The two steps of a bulk disconnect. Each may be taken again, by any process, after the one that took it last was killed in the middle.
 */

/** Ends flows and sessions and takes every Connection out of use: from then on nothing is shown, whatever the providers say. */
export async function emptyBulkDisconnect(deps: BulkDisconnectDeps, bulk: BulkDisconnect): Promise<void> {
  await closeFlowsAndSessions(deps, bulk);
  await discardHeldTokens(deps, bulk);
  await retireAll(deps, bulk);
}

/** Finishes a bulk disconnect of which nothing is left. False when something is. */
export async function concludeBulkDisconnect(
  deps: BulkDisconnectDeps,
  bulk: BulkDisconnect,
): Promise<boolean> {
  const { clock, journal, stores } = deps;
  const { bulkDisconnects } = stores;
  const isOver =
    (await bulkDisconnects.left(bulk)) === 0 && (await bulkDisconnects.holding(bulk, 1)).length === 0;
  if (!isOver || !(await settle(deps, bulk))) return false;
  if (!(await bulkDisconnects.finish(bulk, clock.now()))) return false;
  journal.note('bulk-disconnected', { bulkDisconnect: bulk.id, kind: bulk.leaver.kind });
  return true;
}

/** Does `each` of what `next` gives until it gives nothing: what is done is not given again. */
async function untilNone<T>(
  next: () => Promise<readonly T[]>,
  each: (one: T) => Promise<void>,
): Promise<void> {
  for (let batch = await next(); batch.length > 0; batch = await next()) await Promise.all(batch.map(each));
}

/** What is gone for good is closed at each look; a person may come back in between, and what they then start stays. */
async function closeFlowsAndSessions(
  { clock, stores: { connectionLists, bulkDisconnects } }: BulkDisconnectDeps,
  bulk: BulkDisconnect,
): Promise<void> {
  const { id, leaver, closedAt } = bulk;
  const isFinal = leaver.kind === 'provider' || leaver.kind === 'host';
  if (closedAt !== null && !isFinal) return;
  if (leaver.kind === 'host') await bulkDisconnects.endSessions(leaver.host);
  if (leaver.kind === 'viewer' && leaver.viewer !== null) await connectionLists.erase(leaver.viewer);
  await bulkDisconnects.cancelFlows(bulk, FAILURES[leaver.kind]);
  await bulkDisconnects.close(id, clock.now());
}

/** A person's few are revoked at once, so that they can be shown what became of them. */
async function discardHeldTokens(deps: BulkDisconnectDeps, bulk: BulkDisconnect): Promise<void> {
  const { bulkDisconnects, flows } = deps.stores;
  await untilNone(
    () => bulkDisconnects.holding(bulk, AT_ONCE),
    async (flow) => {
      if (bulk.leaver.kind !== 'viewer') return discardFlowTokensLater(deps, flow);
      await discardFlowTokens(deps, flow);
      await flows.remove(flow.id);
    },
  );
}

async function retireAll(deps: BulkDisconnectDeps, bulk: BulkDisconnect): Promise<void> {
  const { connections, bulkDisconnects } = deps.stores;
  await untilNone(
    () => bulkDisconnects.unretired(bulk, AT_ONCE),
    async ({ id }) => {
      const found = await retireConnection(deps, id);
      if (found === null) return;
      const event = { outcome: 'done', by: SYSTEM, code: 'departure' } as const;
      await recordEvent(deps, 'connection.disconnected', found.retired, event);
      if (found.hadEnded) await connections.remove(id, 'nothing');
    },
  );
}

/** What must be done before it is marked as finished, so that it is done again if we are killed in between. */
async function settle(
  { clock, stores: { audit, setup } }: BulkDisconnectDeps,
  { leaver, startedAt }: BulkDisconnect,
): Promise<boolean> {
  switch (leaver.kind) {
    case 'provider':
    case 'host':
      if (clock.now() - startedAt < PROPAGATION_DELAY) return false;
      await setup.drop(leaver.kind, leaver.kind === 'provider' ? leaver.provider : leaver.host);
      return true;
    case 'viewer':
      if (leaver.viewer !== null) await audit.forget(leaver.viewer);
      return true;
    case 'connections':
      return true;
  }
}
