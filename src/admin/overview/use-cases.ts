import type { Measured } from '../../domain/meter.js';
import { METER_STEP } from '../../domain/meter.js';
import type { Attention, AttentionPorts } from './attention.js';
import { type Counted, counted, HOUR, HOURS, type Timed, timed } from './measurements.js';
import { attention } from './needs.js';

/** A provider's calls within a day. */
export interface ProviderLoad {
  readonly provider: { readonly id: string; readonly name: string };
  readonly calls: Counted;
  readonly latency: Timed;
  readonly refreshes: Counted;
}

/** How the last day was, of all running servers together. Counts are by hour, the last of which is not over. */
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

/** What was measured, and first of all what needs somebody. */
export const overview = (ports: AttentionPorts): (() => Promise<Overview>) => {
  const { stores, clock, records } = ports;
  const needs = attention(ports);

  const connections = async (): Promise<Overview['connections']> => {
    const sums = { active: 0, reconnect: 0, revoking: 0 };
    for (const { status, count } of await stores.connectionLists.counts()) sums[status] += count;
    return sums;
  };

  return async () => {
    const to = Math.floor(clock.now() / METER_STEP) * METER_STEP + METER_STEP;
    const from = to - HOURS * HOUR;
    const rows = await stores.meter.since(from);
    const names = new Map((await records.list('provider')).map(({ id, name }) => [id, name]));
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
      attention: await needs(rows),
      renders: counted(of(rows, 'rendered'), from),
      refreshes: counted(of(rows, 'refreshed'), from),
      providers: providers.toSorted((one, other) => one.provider.name.localeCompare(other.provider.name)),
      connections: await connections(),
    };
  };
};
