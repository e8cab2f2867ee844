import type { Actor } from '../../domain/actor.js';
import { type AuditAction, causeOf } from '../../domain/audit-event.js';
import type { ReconnectReason } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import type { ManagePorts } from '../admin-ports.js';
import type { Records } from '../records/record-types.js';

/** Why Connections of a provider cannot be renewed, or could not. */
export interface RefreshTrouble {
  readonly provider: { readonly id: string; readonly name: string };
  /** Since when the provider refuses our client, so that nobody's token is renewed; null when it does not. */
  readonly stoppedAt: number | null;
  /** Connections whose viewers must connect again, by reason. */
  readonly reconnect: readonly { readonly reason: ReconnectReason; readonly count: number }[];
  /** The latest of what failed within a week, newest first; `code` is stable. */
  readonly failures: readonly RecentFailure[];
}

/** Something that failed for want of a provider. */
export interface RecentFailure {
  readonly at: number;
  /** What was under way: a token was renewed, somebody connected, a gadget was to be shown. */
  readonly what: 'renewing' | 'connecting' | 'showing';
  readonly code: string;
  readonly times: number;
  /** The viewer's, as their page names it; null where nobody waited. */
  readonly requestId: string | null;
}

/** Why tokens are not renewed, and what an administrator can do about it. */
export interface Refreshing {
  /** Every provider that has any trouble. */
  troubles(): Promise<readonly RefreshTrouble[]>;
  /**
   * Allows token requests again that were stopped because a provider refused our client: of one provider, or of all. Resolves with how
   * many clients were stopped. Throws `provider_unknown`.
   */
  retry(provider: string | null, by: Actor): Promise<number>;
}

export interface RefreshingPorts extends Pick<ManagePorts, 'stores' | 'audit' | 'clock'> {
  readonly records: Pick<Records, 'list'>;
}

/** Failures shown of each provider, and how long they are news, in milliseconds. */
const SHOWN = 10;
const NEWS = 7 * 24 * 60 * 60_000;

const DEEDS: { readonly [action in AuditAction]?: RecentFailure['what'] } = {
  'flow.refused': 'connecting',
  'gadget.failed': 'showing',
};

export const refreshing = ({ stores, audit, records, clock }: RefreshingPorts): Refreshing => {
  const stops = async (): Promise<ReadonlyMap<string, number>> => {
    const since = new Map<string, number>();
    for (const { provider, stoppedAt } of await stores.clientStops.list())
      since.set(provider, Math.min(stoppedAt, since.get(provider) ?? stoppedAt));
    return since;
  };

  const failures = async (provider: string): Promise<RefreshTrouble['failures']> => {
    const actions = ['connection.refresh-failed', 'client.stopped', 'flow.refused', 'gadget.failed'] as const;
    const filter = { actions, outcome: 'failed', provider, from: clock.now() - NEWS } as const;
    const entries = await stores.audit.list(filter, { before: null, limit: SHOWN });
    return entries.map((entry) => ({
      at: entry.at,
      what: DEEDS[entry.action] ?? 'renewing',
      code: causeOf(entry) ?? 'unknown',
      times: entry.times,
      requestId: entry.requestId,
    }));
  };

  return {
    async troubles() {
      const since = await stops();
      const known = new Map((await records.list('provider')).map(({ id, name }) => [id, name]));
      const counts = await stores.connectionLists.counts();
      const lapsed = counts.filter(({ status }) => status === 'reconnect');
      const ids = new Set([...known.keys(), ...since.keys(), ...lapsed.map(({ provider }) => provider)]);
      const all: RefreshTrouble[] = [];
      for (const id of [...ids].toSorted())
        all.push({
          provider: { id, name: known.get(id) ?? id },
          stoppedAt: since.get(id) ?? null,
          reconnect: byReason(lapsed.filter(({ provider }) => provider === id)),
          failures: await failures(id),
        });
      return all.filter(
        ({ stoppedAt, reconnect, failures }) =>
          stoppedAt !== null || reconnect.length > 0 || failures.length > 0,
      );
    },

    async retry(provider, by) {
      if (provider !== null) await mustBeKnown(provider, records, await stops());
      const count = await stores.clientStops.retry(provider, clock.now());
      await audit.record({
        action: 'provider.retried',
        by,
        outcome: 'done',
        ...(provider !== null && { provider }),
      });
      return count;
    },
  };
};

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

/** A client that is stopped may be of a provider that is gone. */
const mustBeKnown = async (
  provider: string,
  records: RefreshingPorts['records'],
  stopped: ReadonlyMap<string, number>,
): Promise<void> => {
  const ids = (await records.list('provider')).map(({ id }) => id);
  if (ids.includes(provider) || stopped.has(provider)) return;
  throw new AppError(
    'provider_unknown',
    `There is no provider ${provider}; there is ${ids.join(', ') || 'none'}.`,
  );
};
