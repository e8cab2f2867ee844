import { describe, expect, it } from 'vitest';
import type { Instance } from '../../../src/store/instance-store.js';
import { NOW } from '../fixtures.js';
import { type OpenTwoProcesses, race } from './two-processes.js';

const instance = (id: string, given: Partial<Instance> = {}): Instance => ({
  id,
  startedAt: NOW,
  seenAt: NOW,
  keys: ['new', 'old'],
  reload: 0,
  problem: null,
  restart: [],
  gadgets: [],
  ...given,
});

export const instanceContract = (open: OpenTwoProcesses): void => {
  describe('running servers', () => {
    it('are listed while they report, with their last report', async () => {
      const { stores, others } = await open();
      await stores.instances.beat(instance('one'));
      await others.instances.beat(instance('two', { startedAt: NOW + 1 }));
      const later = instance('one', {
        seenAt: NOW + 50,
        keys: ['new'],
        reload: 3,
        problem: 'oriel.yaml: \u0000',
        restart: ['listen'],
        gadgets: [{ id: 'cards', isServed: false, problem: 'It has a mistake.' }],
      });
      await stores.instances.beat(later);
      expect(await others.instances.alive(NOW)).toEqual([later, instance('two', { startedAt: NOW + 1 })]);
      expect(await others.instances.alive(NOW + 1)).toEqual([later]);
      await others.instances.gone('one');
      expect(await stores.instances.alive(NOW + 1)).toEqual([]);
    });

    it('are forgotten a day after they fell silent, by another that speaks, and never by being looked at', async () => {
      const DAY = 24 * 60 * 60_000;
      const { stores, others } = await open();
      await stores.instances.beat(instance('killed'));
      expect(await others.instances.alive(NOW + 2 * DAY)).toEqual([]);
      expect(await others.instances.alive(NOW)).toMatchObject([{ id: 'killed' }]);
      await others.instances.beat(instance('new', { seenAt: NOW + DAY }));
      expect(await stores.instances.alive(NOW)).toHaveLength(2);
      await others.instances.beat(instance('new', { seenAt: NOW + DAY + 1 }));
      expect(await stores.instances.alive(NOW)).toMatchObject([{ id: 'new' }]);
    });

    it('are asked to reload by number, and learn who asked', async () => {
      const both = await open();
      const { stores, others } = both;
      expect(await stores.instances.reloadRequested()).toEqual({ number: 0, by: { kind: 'system' } });
      const ada = { kind: 'admin', id: 'a', name: 'Ada' } as const;
      expect(await stores.instances.requestReload(ada, NOW)).toBe(1);
      expect(await others.instances.reloadRequested()).toEqual({ number: 1, by: ada });
      const numbers = await race(both, (each) => each.instances.requestReload(ada, NOW));
      expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
    });
  });
};
