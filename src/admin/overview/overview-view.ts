import type { Attention } from './attention.js';
import { type Bar, type Column, most, stacked, stepped } from './charts.js';
import type { About } from './latency.js';
import type { Counted, Timed } from './measurements.js';
import type { ProviderLoad } from './use-cases.js';

/** Outcomes that are drawn as one, with what they are called. */
export interface Group {
  readonly kind: 'good' | 'waiting' | 'bad';
  readonly words: string;
  readonly outcomes: readonly string[];
}

export const RENDERS: readonly Group[] = [
  { kind: 'good', words: 'shown', outcomes: ['content', 'stale'] },
  {
    kind: 'waiting',
    words: 'up to the viewer',
    outcomes: ['connect', 'reconnect', 'no-access', 'not-found'],
  },
  {
    kind: 'bad',
    words: 'could not be shown',
    outcomes: ['rate-limited', 'provider-down', 'misconfigured'],
  },
];

export const REFRESHES: readonly Group[] = [
  { kind: 'good', words: 'renewed', outcomes: ['ok'] },
  { kind: 'bad', words: 'failed', outcomes: ['failed'] },
];

export const CALLS: readonly Group[] = [
  { kind: 'good', words: 'answered', outcomes: ['ok', 'not-modified'] },
  { kind: 'waiting', words: 'refused to the viewer', outcomes: ['refused'] },
  { kind: 'bad', words: 'failed', outcomes: ['rate-limited', 'down', 'unusable'] },
];

/** Columns by the hour, and the same as a table. */
export interface ColumnsView {
  readonly bars: readonly Bar[];
  /** Largest number of one hour. */
  readonly most: number;
  readonly total: number;
  readonly legend: readonly { readonly kind: string; readonly words: string; readonly count: number }[];
  /** An hour's begin, and its number of each group. Hours without any are left out. */
  readonly rows: readonly { readonly at: number; readonly counts: readonly number[] }[];
}

const countOf = (counts: Readonly<Record<string, number>>, { outcomes }: Group): number =>
  outcomes.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0);

export const columnsView = (counted: Counted, groups: readonly Group[]): ColumnsView => {
  const columns = counted.hours.map(
    ({ value }): Column => groups.map((group) => ({ kind: group.kind, count: countOf(value, group) })),
  );
  const rows = counted.hours.map(({ at }, n) => ({
    at,
    counts: (columns[n] ?? []).map(({ count }) => count),
  }));
  return {
    bars: stacked(columns),
    most: most(columns),
    total: counted.total,
    legend: groups.map((group) => ({
      kind: group.kind,
      words: group.words,
      count: countOf(counted.byOutcome, group),
    })),
    rows: rows.filter(({ counts }) => counts.some((count) => count > 0)),
  };
};

/** A duration that was estimated, in words. */
export const aboutWords = ({ ms, over }: About): string => {
  if (over) return `more than ${ms / 1000} s`;
  if (ms < 995) return `about ${Math.max(10, Math.round(ms / 10) * 10)} ms`;
  return `about ${(ms / 1000).toFixed(1)} s`;
};

const latencyView = ({ median, high, hours }: Timed) => {
  if (median === null || high === null) return null;
  const measured = hours.flatMap(({ at, value }) => (value === null ? [] : [{ at, ...value }]));
  const slowest = measured.reduce((most, each) => (each.high.ms > most.ms ? each.high : most), high);
  const line = (of: 'median' | 'high'): string =>
    stepped(
      hours.map(({ value }) => value?.[of].ms ?? null),
      slowest.ms,
    );
  return {
    median: aboutWords(median),
    high: aboutWords(high),
    slowest: aboutWords(slowest),
    medianLine: line('median'),
    highLine: line('high'),
    rows: measured.map((each) => ({
      at: each.at,
      median: aboutWords(each.median),
      high: aboutWords(each.high),
    })),
  };
};

export const providerView = ({ provider, calls, latency, refreshes }: ProviderLoad) => ({
  ...provider,
  calls: columnsView(calls, CALLS),
  outcomes: Object.entries(calls.byOutcome).map(([outcome, count]) => ({ outcome, count })),
  latency: latencyView(latency),
  refreshes: { ok: refreshes.byOutcome.ok ?? 0, failed: refreshes.byOutcome.failed ?? 0 },
});

/** Where something is mended: an address of the console and what to call it; whether its client can be let ask again from here. */
export const attentionView = ({ to, code, ...rest }: Attention) => {
  const retry = code === 'client_stopped' && to.kind === 'provider' ? to.id : null;
  const link = () => {
    if (code === 'refreshes_failing')
      return { path: '/admin/connections/refreshing', words: 'Why tokens are not renewed' };
    switch (to.kind) {
      case 'provider':
        return { path: `/admin/providers/${encodeURIComponent(to.id)}`, words: 'To the provider' };
      case 'host':
        return { path: `/admin/hosts/${encodeURIComponent(to.id)}`, words: 'To the host' };
      case 'departure':
        return { path: `/admin/departures/${encodeURIComponent(to.id)}`, words: 'How far it is' };
      case 'connections':
        return { path: '/admin/connections', words: 'To the connections' };
      case 'api-keys':
        return { path: '/admin/api-keys', words: 'To the API keys' };
      case 'audit':
        return { path: '/admin/audit?action=audit.interrupted', words: 'When that was' };
      case 'server':
        return { path: '/admin/server', words: 'To the servers' };
    }
  };
  return { ...rest, link: link(), retry };
};
