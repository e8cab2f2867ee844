import { METER_STEP, type Measured } from '../../domain/meter.js';
import type { Deps } from '../admin-deps.js';
import { type ListingDeps, listRecords } from '../records/use-cases.js';
import type { Attention, AttentionDeps } from './attention.js';
import { type Counted, counted, HOUR, HOURS, type Timed, timed } from './measurements.js';
import { listNeeds } from './needs.js';

/** A provider's calls within a day. */
export interface ProviderLoad {
  readonly provider: { readonly id: string; readonly name: string };
  readonly calls: Counted;
  readonly latency: Timed;
  readonly refreshes: Counted;
}

/** The last day of all running servers together. Counts are by hour, the last of which is not over. */
export interface Overview {
  readonly from: number;
  readonly to: number;
  readonly attention: readonly Attention[];
  /** By state; stale content counts as `stale`. */
  readonly renders: Counted;
  /** By `ok` and `failed`. */
  readonly refreshes: Counted;
  /** Those that were called or refreshed, by name. */
  readonly providers: readonly ProviderLoad[];
  readonly connections: { readonly active: number; readonly reconnect: number; readonly revoking: number };
}

const of = (rows: readonly Measured[], metric: Measured['metric'], id?: string): readonly Measured[] =>
  rows.filter((row) => row.metric === metric && (id === undefined || row.of === id));

async function countByStatus({ stores }: Deps<never, 'connectionLists'>): Promise<Overview['connections']> {
  const sums = { active: 0, reconnect: 0, revoking: 0 };
  for (const { status, count } of await stores.connectionLists.counts()) sums[status] += count;
  return sums;
}

/** What was measured, and first of all what needs attention. */
export async function getOverview(deps: AttentionDeps & Deps<never, 'meter'>): Promise<Overview> {
  const to = Math.floor(deps.clock.now() / METER_STEP) * METER_STEP + METER_STEP;
  const from = to - HOURS * HOUR;
  const rows = await deps.stores.meter.since(from);
  const names = new Map((await listRecords(deps, 'provider')).map(({ id, name }) => [id, name]));
  const ids = [...of(rows, 'called'), ...of(rows, 'refreshed')].map((row) => row.of);
  const providers = [...new Set(ids)].map((id) => ({
    provider: { id, name: names.get(id) ?? id },
    calls: counted(of(rows, 'called', id), from),
    latency: timed(of(rows, 'called', id), from),
    refreshes: counted(of(rows, 'refreshed', id), from),
  }));
  return {
    from,
    to,
    attention: await listNeeds(deps, rows),
    renders: counted(of(rows, 'rendered'), from),
    refreshes: counted(of(rows, 'refreshed'), from),
    providers: providers.toSorted((one, other) => one.provider.name.localeCompare(other.provider.name)),
    connections: await countByStatus(deps),
  };
}

/** One step from an empty server to a gadget on someone's page. */
export interface FirstStep {
  readonly words: string;
  readonly why: string;
  readonly path: string;
  readonly done: boolean;
}

/** What is still to be done before the first viewer sees a gadget; null once that has happened. */
export async function listFirstSteps(
  deps: ListingDeps,
  { renders, connections }: Pick<Overview, 'renders' | 'connections'>,
): Promise<readonly FirstStep[] | null> {
  const [hosts, providers] = [await listRecords(deps, 'host'), await listRecords(deps, 'provider')];
  const staying = hosts.filter(({ leavingAt }) => leavingAt === null);
  const hasProvider = providers.some(({ leavingAt }) => leavingAt === null);
  const wasShown = renders.total + connections.active + connections.reconnect > 0;
  if (hasProvider && staying.length > 0 && wasShown) return null;
  const [host] = staying;
  return [
    {
      words: 'New provider',
      why: 'the application whose data gadgets show, and this server’s registration there',
      path: '/admin/providers/new',
      done: hasProvider,
    },
    {
      words: 'New host',
      why: 'the application whose pages show gadgets, and how it identifies viewers',
      path: '/admin/hosts/new',
      done: host !== undefined,
    },
    {
      words: 'Embed a gadget',
      why: 'what the host’s page and server need, ready to copy',
      path: host === undefined ? '/admin/hosts' : `/admin/hosts/${encodeURIComponent(host.id)}`,
      done: wasShown,
    },
  ];
}
