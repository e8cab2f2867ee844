import { COSTS, type Need, needOf, POPULATION, type Population, PRICES, type Rates } from './model.js';
import { type SimulatedDay, simulateDay } from './simulation.js';

const SEED = 20_261_130;
/** The sizes of the table in docs/scaling.md. */
const SIZES = [1000, 10_000, 100_000, 1_000_000, 10_000_000] as const;

/** Processor time that a second of this takes, in microseconds. */
const weigh = ({ looks, launches, renderings, refreshes }: Rates): number =>
  looks * COSTS.look + launches * COSTS.launch + renderings * COSTS.rendering + refreshes * COSTS.refresh;

export interface Planned {
  readonly population: Population;
  readonly day: SimulatedDay;
  readonly need: Need;
}

/** Plays a day of so many viewers, and says what it takes. */
export const planFor = (viewers: number, changes: Partial<Population> = {}): Planned => {
  const population = { ...POPULATION, viewers, ...changes };
  const day = simulateDay(population, SEED, weigh);
  return { population, day, need: needOf(population, day.peak, COSTS, PRICES) };
};

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const gigabytes = (value: number): string => (value < 10 ? number(value, 1) : number(value));

const rowOf = ({ population, day: { peak, peakMinute }, need }: Planned): string =>
  `| ${[
    number(population.viewers),
    clock(peakMinute),
    number(peak.launches, peak.launches < 10 ? 1 : 0),
    number(peak.refreshes, peak.refreshes < 10 ? 1 : 0),
    number(peak.looks),
    number(need.cores),
    number(need.databaseCores),
    gigabytes(need.memoryGb),
    gigabytes(need.diskGb),
    number(need.perMonth),
    number(need.perViewerAndMonth * 100, 3),
    number(need.shards),
  ].join(' | ')} |`;

/** The sizing table as Markdown, and what other lifetimes of tokens do to the largest. */
export const planTable = (): string => {
  const head =
    '| viewers | peak | launches/s | refreshes/s | looks/s | cores | database cores | memory, GB | disk, GB | $ a month | ¢ a viewer and month | databases |';
  const line = head.replaceAll(/[^|]+/g, '---');
  const sizes = SIZES.map((viewers) => rowOf(planFor(viewers)));
  const largest = SIZES.at(-1) ?? 0;
  const lives = [60, 8 * 60, 90 * 24 * 60].map((tokenMinutes) => {
    const { day } = planFor(largest, { tokenMinutes });
    return `| ${number(tokenMinutes / 60)} h | ${number(day.peak.refreshes)} | ${number(day.total.refreshes)} |`;
  });
  return [
    ...[head, line, ...sizes, ''],
    ...[
      '| an access token works for | refreshes/s at the peak | refreshes a day |',
      '|---|---|---|',
      ...lives,
    ],
  ].join('\n');
};
