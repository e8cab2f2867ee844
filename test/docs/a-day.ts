import { METER_STEP } from '../../src/domain/meter.js';
import { Metrics } from '../../src/server/metrics.js';
import { openStores } from '../../src/store/open-stores.js';
import { keyRing } from '../store/fixtures.js';
import { TestClock } from '../support/test-clock.js';

const DAY = 24 * 3_600_000;

/** How busy the hour is, 0 to 1: people work by day, and eat at noon. */
const busy = (at: number): number => {
  const hour = new Date(at).getUTCHours() + 0.5;
  const work = Math.exp(-((hour - 13) ** 2) / 18);
  return hour > 12 && hour < 13 ? work * 0.6 : work;
};

/** Writes down a day's counts for the overview, as servers do by five minutes: what forty viewers of `mingle-cards` cause. */
export const tellADay = async (database: string): Promise<void> => {
  const clock = new TestClock('runs');
  clock.pass(-DAY);
  const stores = await openStores({ url: `sqlite:${database}`, keys: keyRing('k'), clock });
  const metrics = new Metrics(clock.now);
  // The same day each time it is drawn.
  let noise = 7;
  const some = (most: number): number => {
    noise = (noise * 16_807) % 2_147_483_647;
    return Math.round(((noise % 1000) / 1000) * most);
  };
  for (const end = Date.now() - 3 * METER_STEP; clock.now() < end; clock.pass(METER_STEP)) {
    const many = busy(clock.now()) * 30;
    for (let count = some(many); count > 0; count -= 1) metrics.rendered('mingle-cards', 'content');
    for (let count = some(many / 12); count > 0; count -= 1) metrics.rendered('mingle-cards', 'no-access');
    for (let count = some(many / 25); count > 0; count -= 1) metrics.rendered('mingle-cards', 'connect');
    for (let count = some(many); count > 0; count -= 1)
      metrics.called('mingle', 'ok', 30 + some(40 + many * 6));
    for (let count = some(many / 10); count > 0; count -= 1)
      metrics.called('mingle', 'refused', 25 + some(20));
    for (let count = some(many / 6); count > 0; count -= 1) metrics.refreshed('mingle', 'ok');
    await metrics.report((rows) => stores.meter.put('a-day', rows));
  }
  await stores.close();
};
