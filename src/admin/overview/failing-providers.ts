import type { Measured } from '../../domain/meter.js';
import type { Attention } from './attention.js';

/** Fewer calls within the hour are not conclusive. */
const FEWEST = 10;
const MANY = 0.2;
const MOST = 0.5;
const HOUR = 60 * 60_000;

interface Hour {
  readonly total: number;
  of(...outcomes: readonly string[]): number;
}

const hourOf = (rows: readonly Measured[], metric: Measured['metric'], id: string, now: number): Hour => {
  const mine = rows.filter((row) => row.metric === metric && row.of === id && row.at > now - HOUR);
  const sum = (some: readonly Measured[]): number => some.reduce((all, { count }) => all + count, 0);
  return {
    total: sum(mine),
    of: (...outcomes) => sum(mine.filter(({ outcome }) => outcomes.includes(outcome))),
  };
};

const percent = (part: number, total: number): string => `About ${Math.round((100 * part) / total)} %`;

/** How serious a share of failures is; null where it is not. */
const kindOf = (part: number, total: number): Attention['kind'] | null => {
  if (total < FEWEST || part < MANY * total) return null;
  return part < MOST * total ? 'warning' : 'bad';
};

const calls = (id: string, name: string, hour: Hour): readonly Attention[] => {
  const failed = hour.of('down', 'unusable');
  const limited = hour.of('rate-limited');
  const broken = kindOf(failed, hour.total);
  const often = kindOf(limited, hour.total);
  const to = { kind: 'provider', id } as const;
  return [
    ...(broken === null
      ? []
      : [
          {
            kind: broken,
            code: 'calls_failing',
            message: `${percent(failed, hour.total)} of the calls to ${name} in the last hour failed.`,
            fix: 'Check whether it is available, and whether its responses are what the gadgets expect: test the provider, and see the server log.',
            to,
            since: null,
          },
        ]),
    ...(often === null
      ? []
      : [
          {
            kind: 'warning' as const,
            code: 'calls_limited',
            message: `${name} responded “too many requests” to ${percent(limited, hour.total).toLowerCase()} of the calls in the last hour.`,
            fix: 'Give the requests of its gadgets a longer `ttl`, or ask the provider for a higher limit.',
            to,
            since: null,
          },
        ]),
  ];
};

const refreshes = (id: string, name: string, hour: Hour): readonly Attention[] => {
  const failed = hour.of('failed');
  const kind = kindOf(failed, hour.total);
  return kind === null
    ? []
    : [
        {
          kind,
          code: 'refreshes_failing',
          message: `${percent(failed, hour.total)} of the token refreshes at ${name} in the last hour failed.`,
          fix: 'See why under Connections. If the permissions were ended at the provider, only their owners can connect again.',
          to: { kind: 'provider', id },
          since: null,
        },
      ];
};

/** Providers with many failed calls or refreshes within the last hour. Responses that deny one person (403, 404) are no failures. */
export const failing = (
  rows: readonly Measured[],
  names: ReadonlyMap<string, string>,
  now: number,
): readonly Attention[] =>
  [...new Set(rows.filter(({ metric }) => metric !== 'rendered').map((row) => row.of))]
    .toSorted()
    .flatMap((id) => {
      const name = names.get(id) ?? id;
      return [
        ...calls(id, name, hourOf(rows, 'called', id, now)),
        ...refreshes(id, name, hourOf(rows, 'refreshed', id, now)),
      ];
    });
