import type { Actor } from '../../domain/actor.js';
import { type AuditAction, causeOf } from '../../domain/audit-event.js';
import type { ReconnectReason } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import type { Deps } from '../admin-deps.js';
import { type ListingDeps, listRecords } from '../records/use-cases.js';

/** Why Connections of a provider cannot be renewed, or could not. */
export interface RefreshTrouble {
  readonly provider: { readonly id: string; readonly name: string };
  /** Since when the provider rejects our client, so that no token is renewed; null when it does not. */
  readonly stoppedAt: number | null;
  /** Connections whose viewers must connect again, by reason. */
  readonly reconnect: readonly { readonly reason: ReconnectReason; readonly count: number }[];
  /** The latest failures of the past week, newest first; `code` is stable. */
  readonly failures: readonly RecentFailure[];
}

/** Something that failed because of a provider. */
export interface RecentFailure {
  readonly at: number;
  /** What failed: renewing a token, connecting an account, showing a gadget. */
  readonly what: 'renewing' | 'connecting' | 'showing';
  readonly code: string;
  readonly times: number;
  /** The viewer's, as their page shows it; null where no one was waiting. */
  readonly requestId: string | null;
}

/** Failures shown of each provider, and how long they are shown, in milliseconds. */
const SHOWN = 10;
const RECENT = 7 * 24 * 60 * 60_000;

const ACTIONS = ['connection.refresh-failed', 'client.stopped', 'flow.refused', 'gadget.failed'] as const;
const WHAT: { readonly [action in AuditAction]?: RecentFailure['what'] } = {
  'flow.refused': 'connecting',
  'gadget.failed': 'showing',
};

/** Providers whose clients are stopped, and since when. */
async function stoppedProviders({
  stores,
}: Deps<never, 'clientStops'>): Promise<ReadonlyMap<string, number>> {
  const since = new Map<string, number>();
  for (const { provider, stoppedAt } of await stores.clientStops.list())
    since.set(provider, Math.min(stoppedAt, since.get(provider) ?? stoppedAt));
  return since;
}

async function recentFailures(
  { stores, clock }: Deps<'clock', 'audit'>,
  provider: string,
): Promise<RefreshTrouble['failures']> {
  const filter = { actions: ACTIONS, outcome: 'failed', provider, from: clock.now() - RECENT } as const;
  const entries = await stores.audit.list(filter, { before: null, limit: SHOWN });
  return entries.map((entry) => ({
    at: entry.at,
    what: WHAT[entry.action] ?? 'renewing',
    code: causeOf(entry) ?? 'unknown',
    times: entry.times,
    requestId: entry.requestId,
  }));
}

const byReason = (
  lapsed: readonly { readonly reason: ReconnectReason | null; readonly count: number }[],
): RefreshTrouble['reconnect'] => {
  const sums = new Map<ReconnectReason, number>();
  for (const { reason, count } of lapsed)
    sums.set(reason ?? 'expired', (sums.get(reason ?? 'expired') ?? 0) + count);
  return [...sums]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((one, other) => other.count - one.count);
};

/** Every provider whose tokens are not all renewed. */
export async function listRefreshTroubles(
  deps: ListingDeps & Deps<'clock', 'audit' | 'clientStops' | 'connectionLists'>,
): Promise<readonly RefreshTrouble[]> {
  const since = await stoppedProviders(deps);
  const known = new Map((await listRecords(deps, 'provider')).map(({ id, name }) => [id, name]));
  const counts = await deps.stores.connectionLists.counts();
  const lapsed = counts.filter(({ status }) => status === 'reconnect');
  const ids = new Set([...known.keys(), ...since.keys(), ...lapsed.map(({ provider }) => provider)]);
  const all: RefreshTrouble[] = [];
  for (const id of [...ids].toSorted())
    all.push({
      provider: { id, name: known.get(id) ?? id },
      stoppedAt: since.get(id) ?? null,
      reconnect: byReason(lapsed.filter(({ provider }) => provider === id)),
      failures: await recentFailures(deps, id),
    });
  return all.filter(
    ({ stoppedAt, reconnect, failures }) => stoppedAt !== null || reconnect.length > 0 || failures.length > 0,
  );
}

/** A stopped client may be of a provider that no longer exists. */
async function requireProvider(
  deps: ListingDeps & Deps<never, 'clientStops'>,
  provider: string,
): Promise<void> {
  const ids = (await listRecords(deps, 'provider')).map(({ id }) => id);
  if (ids.includes(provider) || (await stoppedProviders(deps)).has(provider)) return;
  throw new AppError(
    'provider_unknown',
    `There is no provider ${provider}. Known providers: ${ids.join(', ') || 'none'}.`,
  );
}

/**
 * Allows token requests again that were stopped because a provider rejected our client: of one provider, or of all. Resolves with how many
 * clients were stopped. Throws `provider_unknown`.
 */
export async function retryProvider(
  deps: ListingDeps & Deps<'audit' | 'clock', 'clientStops'>,
  provider: string | null,
  by: Actor,
): Promise<number> {
  if (provider !== null) await requireProvider(deps, provider);
  const count = await deps.stores.clientStops.retry(provider, deps.clock.now());
  await deps.audit.record({
    action: 'provider.retried',
    by,
    outcome: 'done',
    ...(provider !== null && { provider }),
  });
  return count;
}
