import { describe, expect, it } from 'vitest';
import { budgetOf, defaultBudget, limitsFor } from '../../src/server/limits.js';

const MEGABYTE = 1024 * 1024;

describe('The budget of the memory', () => {
  it.each([
    [100, 64],
    [1000, 250],
    [64_000, 1024],
  ])('is by default, of %i MB that the process may use, %i MB', (available, budget) => {
    expect(defaultBudget(available * MEGABYTE)).toBe(budget * MEGABYTE);
  });

  it('is what the setting says in megabytes; 0 takes the default of this machine', () => {
    expect(budgetOf(300)).toBe(300 * MEGABYTE);
    expect(budgetOf(0)).toBe(defaultBudget());
  });

  it('bounds what is kept of answers, of one Connection’s among them, and how many Connections and sessions are remembered', () => {
    const small = limitsFor(40);
    const large = limitsFor(400);
    for (const [limits, budget] of [
      [small, 40 * MEGABYTE],
      [large, 400 * MEGABYTE],
    ] as const) {
      const { caches, remembered } = limits;
      expect(caches.bytes).toBeLessThan(budget);
      expect(caches.bytes).toBeGreaterThan(budget / 2);
      expect(caches.bytesPerConnection).toBeLessThanOrEqual(caches.bytes / 4);
      // A Connection and a session take some 3.5 KB together.
      expect(caches.bytes + remembered.connections * 3500).toBeLessThanOrEqual(budget);
      expect(remembered.sessions).toBe(remembered.connections);
    }
    expect(large.remembered.connections).toBeGreaterThan(9 * small.remembered.connections);
  });
});
