import type { RenderingState } from '../../domain/rendering.js';
import type { Attention } from './attention.js';
import type { About, Counted, Timed } from './measurements.js';
import type { ProviderLoad } from './use-cases.js';

/** A rectangle of a chart, in the units of its view box. */
export interface Bar {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a column of a chart is made of, from below. Counts are not negative. */
export type Column = readonly { readonly kind: string; readonly count: number }[];

/** Every chart is drawn into this box and stretched to the width there is. */
export const BOX = { width: 240, height: 60 } as const;

/** Space between columns. */
const GAP = 2;
/** What is there is seen, however little it is beside the rest. */
const LEAST = 1;

const rounded = (value: number): number => Math.round(value * 100) / 100;

const sumOf = (column: Column): number => column.reduce((sum, { count }) => sum + count, 0);

/** The largest column's sum. */
export const most = (columns: readonly Column[]): number => Math.max(0, ...columns.map(sumOf));

/** Columns side by side, each of its parts on top of the one before. A part of nothing is not drawn. */
export const stacked = (columns: readonly Column[]): readonly Bar[] => {
  const top = most(columns);
  if (top === 0) return [];
  const step = BOX.width / columns.length;
  const parts = Math.max(...columns.map(({ length }) => length));
  // Room for parts that are drawn larger than they are.
  const scale = (BOX.height - parts * LEAST) / top;
  return columns.flatMap((column, index) => {
    let y = BOX.height;
    return column
      .filter(({ count }) => count > 0)
      .map(({ kind, count }): Bar => {
        const height = Math.max(LEAST, count * scale);
        y -= height;
        return {
          kind,
          x: rounded(index * step + GAP / 2),
          y: rounded(y),
          width: rounded(step - GAP),
          height: rounded(height),
        };
      });
  });
};

/**
 * A line in steps, one for each value, as the `d` of an SVG path; where there is no value it is broken. `top` is what the upper edge
 * stands for; what is above it is drawn there.
 */
export const stepped = (values: readonly (number | null)[], top: number): string => {
  const step = BOX.width / values.length;
  const yOf = (value: number): number =>
    rounded(BOX.height - (top === 0 ? 0 : (Math.min(value, top) / top) * (BOX.height - 2 * LEAST)) - LEAST);
  let drawn = '';
  let before: number | null = null;
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      const start = before === null ? `M${rounded(index * step)} ${yOf(value)}` : `V${yOf(value)}`;
      drawn += `${start}H${rounded((index + 1) * step)}`;
    }
    before = value;
  }
  return drawn;
};

/** Outcomes that are drawn as one, with what they are called. */
export interface Group {
  readonly kind: 'good' | 'waiting' | 'bad';
  readonly words: string;
  readonly outcomes: readonly string[];
}

/** A new state does not compile until it is counted as something. */
const RENDER_KINDS: Readonly<Record<RenderingState | 'stale', Group['kind']>> = {
  content: 'good',
  stale: 'good',
  connect: 'waiting',
  reconnect: 'waiting',
  'no-access': 'waiting',
  'not-found': 'waiting',
  'rate-limited': 'bad',
  'provider-down': 'bad',
  misconfigured: 'bad',
};

const rendersOf = (kind: Group['kind']): readonly string[] =>
  Object.entries(RENDER_KINDS).flatMap(([state, each]) => (each === kind ? [state] : []));

export const RENDERS: readonly Group[] = [
  { kind: 'good', words: 'shown', outcomes: rendersOf('good') },
  { kind: 'waiting', words: 'needed viewer action', outcomes: rendersOf('waiting') },
  { kind: 'bad', words: 'could not be shown', outcomes: rendersOf('bad') },
];

export const REFRESHES: readonly Group[] = [
  { kind: 'good', words: 'renewed', outcomes: ['ok'] },
  { kind: 'bad', words: 'failed', outcomes: ['failed'] },
];

export const CALLS: readonly Group[] = [
  { kind: 'good', words: 'answered', outcomes: ['ok', 'not-modified'] },
  { kind: 'waiting', words: 'denied to the viewer', outcomes: ['refused'] },
  { kind: 'bad', words: 'failed', outcomes: ['rate-limited', 'down', 'unusable'] },
];

/** Columns by the hour, and the same as a table. */
export interface ColumnsView {
  readonly bars: readonly Bar[];
  /** Largest number of one hour. */
  readonly most: number;
  readonly total: number;
  readonly legend: readonly { readonly kind: string; readonly words: string; readonly count: number }[];
  /** The start of an hour, and its number of each group. Hours without any are left out. */
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

/** Where something is fixed: an address of the console and the text of its link; `retry`: the provider whose client can be retried from here. */
export const attentionView = ({ to, code, ...rest }: Attention) => {
  const retry = code === 'client_stopped' && to.kind === 'provider' ? to.id : null;
  const link = () => {
    if (code === 'refreshes_failing')
      return { path: '/admin/connections/refreshing', words: 'Why tokens are not renewed' };
    switch (to.kind) {
      case 'provider':
        return { path: `/admin/providers/${encodeURIComponent(to.id)}`, words: 'Go to the provider' };
      case 'host':
        return { path: `/admin/hosts/${encodeURIComponent(to.id)}`, words: 'Go to the host' };
      case 'bulk-disconnect':
        return { path: `/admin/bulk-disconnects/${encodeURIComponent(to.id)}`, words: 'Progress' };
      case 'connections':
        return { path: '/admin/connections', words: 'Go to the connections' };
      case 'api-keys':
        return { path: '/admin/api-keys', words: 'Go to the API keys' };
      case 'audit':
        return { path: '/admin/audit?action=audit.interrupted', words: 'See when' };
      case 'server':
        return { path: '/admin/server', words: 'Go to the servers' };
    }
  };
  return { ...rest, link: link(), retry };
};
