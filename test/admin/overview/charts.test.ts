import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOX, type Column, most, stacked, stepped } from '../../../src/admin/overview/overview-view.js';

const column = (...counts: readonly number[]): Column =>
  counts.map((count, n) => ({ kind: `kind-${n}`, count }));

describe('Columns of a chart', () => {
  it('are not drawn without counts', () => {
    expect(stacked([])).toEqual([]);
    expect(stacked([column(0, 0), column(0, 0)])).toEqual([]);
    expect(most([])).toBe(0);
  });

  it('fill the box if there is only one', () => {
    const [bar, ...others] = stacked([column(1)]);
    expect(others).toEqual([]);
    expect(bar).toEqual({ kind: 'kind-0', x: 1, y: 1, width: BOX.width - 2, height: BOX.height - 1 });
  });

  it('stand side by side on the ground, as high as they count', () => {
    const [one, two, ...others] = stacked([column(1), column(0), column(2)]);
    expect(others).toEqual([]);
    expect([one?.x, two?.x]).toEqual([1, 161]);
    expect((two?.height ?? 0) / (one?.height ?? 1)).toBeCloseTo(2, 1);
    for (const bar of [one, two]) expect((bar?.y ?? 0) + (bar?.height ?? 0)).toBeCloseTo(BOX.height, 1);
  });

  it('show a one next to a billion', () => {
    const bars = stacked([column(1_000_000_000, 1), column(1)]);
    expect(bars.map(({ height }) => height)).toEqual([BOX.height - 2, 1, 1]);
  });

  it('never leave the box or overlap, whatever the counts', () => {
    const counts = fc.array(fc.nat({ max: 2 ** 40 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1, maxLength: 30 }), (all) => {
        const bars = stacked(all.map((each) => column(...each)));
        const inside = bars.every(
          ({ x, y, width, height }) =>
            x >= 0 && y >= -0.02 && x + width <= BOX.width && y + height <= BOX.height + 0.02 && height >= 1,
        );
        const apart = bars.every((bar, n) => {
          const above = bars[n + 1];
          return above?.x !== bar.x || above.y + above.height <= bar.y + 0.02;
        });
        return inside && apart;
      }),
    );
  });
});

describe('A line in steps', () => {
  it('is empty without values', () => {
    expect(stepped([null, null], 0)).toBe('');
    expect(stepped([], 5)).toBe('');
  });

  it('goes from value to value, with gaps where there is none', () => {
    expect(stepped([0, 10, null, 5], 10)).toBe('M0 59H60V1H120M180 30H240');
  });

  it('stays within the box for values at and above its top', () => {
    expect(stepped([0, 99], 0)).toBe('M0 59H120V59H240');
    expect(stepped([1e12], 10)).toBe('M0 1H240');
  });
});
