import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { COSTS, needOf, POPULATION, PRICES, type Rates } from '../../bench/model.js';
import { planFor, planTable } from '../../bench/plan.js';
import { simulateDay } from '../../bench/simulation.js';

const weigh = ({ looks }: Rates): number => looks;

it('The same seed plays the same day, and another seed nearly the same', () => {
  const day = simulateDay(POPULATION, 1, weigh);
  expect(simulateDay(POPULATION, 1, weigh)).toEqual(day);
  const other = simulateDay(POPULATION, 2, weigh);
  expect(other).not.toEqual(day);
  expect(other.total.refreshes / day.total.refreshes).toBeCloseTo(1, 1);
  expect(other.peak.launches / day.peak.launches).toBeCloseTo(1, 0);
});

it('A day has as many launches as there are frames, and its minutes add up to it', () => {
  const { viewers, active, visitsPerDay, framesPerPage } = POPULATION;
  const { total, minutes } = simulateDay(POPULATION, 1, weigh);
  expect(total.launches).toBe(viewers * active * visitsPerDay * framesPerPage);
  const launches = minutes.reduce((sum, each) => sum + each.launches * 60, 0);
  expect(launches / total.launches).toBeCloseTo(1, 6);
});

it('A frame that stays open renews its session every twelve minutes', () => {
  const { total } = simulateDay({ ...POPULATION, visibleMinutes: 30 }, 1, weigh);
  const { total: short } = simulateDay(POPULATION, 1, weigh);
  expect(total.launches).toBe(3 * short.launches);
});

it('Tokens that last longer are refreshed less often, those of ninety days once in ninety days', () => {
  const ofLife = (tokenMinutes: number): number =>
    simulateDay({ ...POPULATION, tokenMinutes }, 1, weigh).total.refreshes;
  expect(ofLife(60)).toBeGreaterThan(ofLife(480));
  // No more than once a visit, and after a night at least once.
  expect(ofLife(1)).toBeLessThanOrEqual(POPULATION.viewers * POPULATION.active * POPULATION.visitsPerDay);
  expect(ofLife(480)).toBeGreaterThanOrEqual(POPULATION.viewers * POPULATION.active);
  const ninetyDays = (POPULATION.viewers * POPULATION.active) / 90;
  expect(ofLife(90 * 24 * 60) / ninetyDays).toBeGreaterThan(0.7);
  expect(ofLife(90 * 24 * 60) / ninetyDays).toBeLessThan(1.3);
});

it('The peak is around nine, and ten times the viewers do ten times as much', () => {
  const large = planFor(10_000_000);
  expect(large.day.peakMinute).toBeGreaterThan(8 * 60 + 45);
  expect(large.day.peakMinute).toBeLessThan(9 * 60 + 20);
  const small = planFor(1_000_000);
  expect(large.day.peak.looks / small.day.peak.looks).toBeCloseTo(10, 0);
});

it('What is needed is counted from the peak, with as much again in reserve', () => {
  const peak: Rates = { launches: 1000, looks: 10_000, renderings: 100, refreshes: 10, visible: 1_000_000 };
  const costs = { ...COSTS, launch: 500, look: 50, rendering: 1000, refresh: 10_000, write: 400 };
  const need = needOf({ ...POPULATION, viewers: 1_000_000 }, peak, costs, PRICES);
  // 0.5 + 0.5 + 0.1 + 0.1 seconds of a processor each second.
  expect(need.cores).toBe(3);
  expect(need.databaseCores).toBe(1);
  // Three processes of 130 MB, and three frames of each who looks.
  expect(need.memoryGb).toBeCloseTo(0.39 + (3 * costs.live) / 1000, 6);
  expect(need.connectionsGb).toBeCloseTo((1_000_000 * costs.connection) / 1e9, 6);
  expect(need.perViewerAndMonth * 1_000_000).toBeCloseTo(need.perMonth, 6);
  expect(need.shards).toBe(1);
});

it('More refreshes than processes can tell apart need another database', () => {
  const peak: Rates = { launches: 0, looks: 0, renderings: 0, refreshes: 2501, visible: 0 };
  expect(needOf(POPULATION, peak, COSTS, PRICES).shards).toBe(2);
});

it('The tables in docs/scaling.md are those that the model gives', () => {
  const page = readFileSync('docs/scaling.md', 'utf8');
  for (const table of planTable().split('\n\n')) expect(page).toContain(table);
});

it('The table has a row for each size', () => {
  const lines = planTable().split('\n');
  const columns = lines.map((line) => line.split('|').length);
  expect(new Set(columns.slice(0, 7)).size).toBe(1);
  expect(lines[6]).toContain('| 10,000,000 |');
});
