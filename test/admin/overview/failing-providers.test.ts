import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../../src/domain/meter.js';
import { HOUR } from '../../connect/connect-setup.js';
import { type AdminSetup, setUpAdmin } from '../admin-setup.js';

let adminSetup: AdminSetup;
beforeEach(async () => {
  adminSetup = await setUpAdmin();
});
afterEach(() => adminSetup.stores.close());

const codes = async () => (await adminSetup.overview()).attention.map(({ kind, code }) => `${kind} ${code}`);

const measure = (outcome: string, count: number, given: Partial<Measured> = {}): Promise<void> => {
  const at = Math.floor(adminSetup.clock.now() / METER_STEP) * METER_STEP;
  const row = { at, metric: 'called', of: 'mingle', outcome, count, sum: 0, buckets: [], ...given } as const;
  return adminSetup.stores.meter.put('one', [row]);
};

describe('A provider that fails', () => {
  it.each([
    ['too few calls to tell', [['down', 9]], []],
    [
      'a good part of them',
      [
        ['ok', 75],
        ['down', 20],
        ['unusable', 5],
      ],
      ['warning calls_failing'],
    ],
    [
      'most of them',
      [
        ['ok', 40],
        ['down', 60],
      ],
      ['bad calls_failing'],
    ],
    [
      'hardly any',
      [
        ['ok', 81],
        ['down', 19],
      ],
      [],
    ],
    [
      'refusals of single persons',
      [
        ['ok', 1],
        ['refused', 99],
      ],
      [],
    ],
    [
      '“too many requests”',
      [
        ['ok', 50],
        ['rate-limited', 50],
      ],
      ['warning calls_limited'],
    ],
  ] as const)('within the last hour: %s', async (_, outcomes, expected) => {
    for (const [outcome, count] of outcomes) await measure(outcome, count);
    expect(await codes()).toEqual(expected);
  });

  it('is judged by the last hour only', async () => {
    await measure('down', 100);
    adminSetup.clock.pass(HOUR + METER_STEP);
    expect(await codes()).toEqual([]);
  });

  it('to refresh tokens is listed separately from failing calls, the worst first', async () => {
    await measure('failed', 3, { metric: 'refreshed' });
    await measure('ok', 7, { metric: 'refreshed' });
    await measure('down', 10, { of: 'github' });
    expect(await codes()).toEqual(['bad calls_failing', 'warning refreshes_failing']);
  });
});
