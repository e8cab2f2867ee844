import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../../src/domain/meter.js';
import { bob, HOUR } from '../../connect/connect-setup.js';
import { type AdminSetup, setUpAdmin } from '../admin-setup.js';

let adminSetup: AdminSetup;
beforeEach(async () => {
  adminSetup = await setUpAdmin();
});
afterEach(() => adminSetup.stores.close());

/** A count of the five minutes that `hours` ago were. */
const ago = (hours: number, given: Partial<Measured>): Measured => ({
  at: Math.floor((adminSetup.clock.now() - hours * HOUR) / METER_STEP) * METER_STEP,
  metric: 'rendered',
  of: 'cards',
  outcome: 'content',
  count: 1,
  sum: 0,
  buckets: [],
  ...given,
});

const call = (outcome: string, count: number, buckets: readonly number[]): Partial<Measured> => ({
  metric: 'called',
  of: 'mingle',
  outcome,
  count,
  buckets,
});

describe('The overview of the last day', () => {
  it('has nothing to show where nothing was measured', async () => {
    const { renders, refreshes, providers, connections, from, to } = await adminSetup.overview();
    expect([renders.total, refreshes.total, providers]).toEqual([0, 0, []]);
    expect(connections).toEqual({ active: 0, reconnect: 0, revoking: 0 });
    expect(renders.hours).toHaveLength(24);
    expect(to - from).toBe(24 * HOUR);
  });

  it('adds up what every process did, by state and by hour, the present hour last', async () => {
    await adminSetup.stores.meter.put('one', [
      ago(0, { count: 5 }),
      ago(3, { outcome: 'connect', count: 2 }),
    ]);
    await adminSetup.stores.meter.put('two', [ago(0, { count: 7 }), ago(0, { outcome: 'stale' })]);
    const { renders } = await adminSetup.overview();
    expect(renders.total).toBe(15);
    expect(renders.byOutcome).toEqual({ content: 12, connect: 2, stale: 1 });
    expect(renders.hours.at(-1)?.value).toEqual({ content: 12, stale: 1 });
    expect(renders.hours.at(-4)?.value).toEqual({ connect: 2 });
  });

  it('leaves out what is older than a day', async () => {
    await adminSetup.stores.meter.put('one', [ago(24, { count: 5 }), ago(23.9, { count: 2 })]);
    const { renders } = await adminSetup.overview();
    expect(renders.total).toBe(2);
    expect(renders.hours[0]?.value).toEqual({ content: 2 });
  });

  it('estimates how long a provider’s calls took, of the day and of each hour', async () => {
    await adminSetup.stores.meter.put('one', [
      ago(0, call('ok', 90, [90, 0, 0, 0, 0, 0, 0, 0, 0])),
      ago(0, call('down', 10, [0, 0, 0, 10, 0, 0, 0, 0, 0])),
      ago(5, call('ok', 1, [0, 0, 0, 0, 0, 0, 0, 0, 1])),
    ]);
    await adminSetup.stores.meter.put('two', [
      ago(0, { metric: 'refreshed', of: 'mingle', outcome: 'failed' }),
    ]);
    const { providers, refreshes } = await adminSetup.overview();
    expect(providers).toMatchObject([
      {
        provider: { id: 'mingle', name: 'MINGLE' },
        calls: { total: 101, byOutcome: { ok: 91, down: 10 } },
        latency: { median: { ms: 28, over: false }, high: { over: false } },
        refreshes: { total: 1, byOutcome: { failed: 1 } },
      },
    ]);
    expect(refreshes.byOutcome).toEqual({ failed: 1 });
    const hours = providers[0]?.latency.hours ?? [];
    expect(hours.at(-1)?.value).toEqual({
      median: { ms: 28, over: false },
      high: { ms: 300, over: false },
    });
    expect(hours.at(-6)?.value).toEqual({
      median: { ms: 6400, over: true },
      high: { ms: 6400, over: true },
    });
    expect(hours.at(-2)?.value).toBeNull();
  });

  it('says how many Connections there are', async () => {
    await adminSetup.connect('ada');
    const lapsed = await adminSetup.connect('bob', 'github', bob);
    await adminSetup.stores.connections.expire(lapsed, 'expired');
    expect((await adminSetup.overview()).connections).toEqual({ active: 1, reconnect: 1, revoking: 0 });
  });
});
