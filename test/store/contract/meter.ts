import { describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../../src/domain/meter.js';
import { NOW } from '../fixtures.js';
import type { OpenTwoProcesses } from './two-processes.js';

const measured = (given: Partial<Measured> = {}): Measured => ({
  at: NOW,
  metric: 'called',
  of: 'mingle',
  outcome: 'ok',
  count: 3,
  sum: 300,
  buckets: [0, 2, 1, 0, 0, 0, 0, 0, 0],
  ...given,
});

const rendered = measured({ metric: 'rendered', of: 'cards', outcome: 'content', sum: 0, buckets: [] });

/** How counts are kept of what all processes do. */
export const meterContract = (open: OpenTwoProcesses): void => {
  describe('what was measured', () => {
    it('is the sum over all processes, each of which replaces only what it said itself', async () => {
      const { stores, others } = await open();
      await stores.meter.put('one', [measured(), rendered]);
      await others.meter.put('two', [
        measured({ count: 1, sum: 7000, buckets: [0, 0, 0, 0, 0, 0, 0, 0, 1] }),
      ]);
      await stores.meter.put('one', [
        measured({ count: 4, sum: 350, buckets: [1, 2, 1, 0, 0, 0, 0, 0, 0] }),
        { ...rendered, count: 9 },
      ]);
      const all = await others.meter.since(NOW);
      expect(all).toHaveLength(2);
      expect(all).toContainEqual(measured({ count: 5, sum: 7350, buckets: [1, 2, 1, 0, 0, 0, 0, 0, 1] }));
      expect(all).toContainEqual({ ...rendered, count: 9 });
    });

    it('keeps times, subjects and outcomes apart, oldest first', async () => {
      const { stores } = await open();
      const rows = [
        measured({ at: NOW + METER_STEP }),
        measured(),
        measured({ outcome: 'down' }),
        measured({ of: 'github' }),
      ];
      await stores.meter.put('one', rows);
      const all = await stores.meter.since(NOW);
      expect(all).toHaveLength(4);
      expect(all.map(({ at }) => at)).toEqual([NOW, NOW, NOW, NOW + METER_STEP]);
      expect(await stores.meter.since(NOW + 1)).toEqual([measured({ at: NOW + METER_STEP })]);
    });

    it('takes any number of rows, and none', async () => {
      const { stores } = await open();
      const many = Array.from({ length: 450 }, (_, n) => measured({ of: `provider-${n}` }));
      await stores.meter.put('one', many);
      await stores.meter.put('one', []);
      expect(await stores.meter.since(0)).toHaveLength(450);
    });

    it('is swept when it is old', async () => {
      const { stores } = await open();
      await stores.meter.put('one', [measured(), measured({ at: NOW + METER_STEP })]);
      await stores.meter.sweep(NOW + 1);
      expect(await stores.meter.since(0)).toEqual([measured({ at: NOW + METER_STEP })]);
    });
  });
};
