import { expect, it } from 'vitest';
import { dayChart, peerChart, profileChart, ratioChart } from '../../bench/charts.js';
import type { Compared } from '../../bench/compare.js';
import { planFor } from '../../bench/plan.js';

const row = (name: string, ratio: number, atLeast: number): Compared => ({
  ...{ name, ratio, atLeast, lowest: ratio, highest: ratio, holds: ratio >= atLeast },
  ours: { cpu: 100, perSecond: 1 },
  floor: { cpu: 100 * ratio, perSecond: 1 },
});
const ROWS = [row('warm <content>', 0.5, 0.85), row('cold', 2, 1), row('cold, Express', 4, 1)];

const widths = (svg: string): readonly number[] =>
  [...svg.matchAll(/<rect [^>]*width="([\d.]+)" height="1[68]"/g)].map(([, width]) => Number(width));

it('A bar is as long as its ratio, and has the other color where the promise falls short', () => {
  const svg = ratioChart(ROWS);
  const [short = 0, long = 0] = widths(svg);
  expect(long / short).toBeCloseTo(4, 1);
  expect(svg.match(/class="b"/g)).toHaveLength(1);
  expect(svg).not.toContain('Express');
});

it('What names say is text, never markup', () => {
  const svg = ratioChart(ROWS);
  expect(svg).toContain('warm &lt;content&gt;');
  expect(svg).not.toContain('<content>');
});

it('Peers stand in a chart of their own', () => {
  const svg = peerChart(ROWS);
  expect(widths(svg)).toHaveLength(1);
  expect(svg).toContain('4.00');
});

it('The parts of a path fill its bar', () => {
  const shares = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((place) => ({ place, share: 0.12 }));
  const svg = profileChart([{ name: 'launch', shares }]);
  const parts = [...svg.matchAll(/<rect x="[\d.]+" y="56" width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
  expect(parts).toHaveLength(7);
  // Two pixels between them.
  expect(parts.reduce((sum, width) => sum + width + 2, 0)).toBeCloseTo(740, 0);
  expect(svg).toContain('everything else 28 %');
});

it('The day is drawn the same each time', () => {
  const { day } = planFor(10_000_000);
  expect(dayChart(day)).toBe(dayChart(planFor(10_000_000).day));
  expect(dayChart(day)).not.toContain('NaN');
});
