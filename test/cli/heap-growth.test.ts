import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryAim, watchHeapGrowth } from '../../src/cli/serve.js';

const MB = 1024 * 1024;

describe('the growth of the heap', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is limited near the bound until the memory is well below it again, and generous far from it', () => {
    let resident = 140 * MB;
    const set: number[] = [];
    const watch = watchHeapGrowth(
      80 * MB,
      (percent) => void set.push(percent),
      () => resident,
    );
    const aim = memoryAim(140 * MB, 80 * MB);
    expect(aim).toBe(260 * MB);
    const looked = (share: number): readonly number[] => {
      resident = share * aim;
      vi.advanceTimersByTime(2000);
      return set;
    };
    expect(set).toEqual([100]);
    expect(looked(0.6)).toEqual([100]);
    expect(looked(0.61)).toEqual([100, 0]);
    expect(looked(0.74)).toEqual([100, 0]);
    expect(looked(0.76)).toEqual([100, 0, 20]);
    expect(looked(1.3)).toEqual([100, 0, 20]);
    expect(looked(0.61)).toEqual([100, 0, 20]);
    expect(looked(0.59)).toEqual([100, 0, 20, 100]);
    expect(looked(0.7)).toEqual([100, 0, 20, 100, 0]);
    expect(looked(0.8)).toEqual([100, 0, 20, 100, 0, 20]);
    clearInterval(watch);
  });
});
