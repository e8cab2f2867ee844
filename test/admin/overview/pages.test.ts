import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../../src/domain/meter.js';
import { HOUR } from '../../connect/connect-setup.js';
import type { HttpBrowser } from '../../support/http-viewer.js';
import { someRecords, withRecords } from '../admin-setup.js';
import { type ConsoleApp, startConsole } from '../console-app.js';

let app: ConsoleApp;
let browser: HttpBrowser;

beforeEach(async () => {
  app = await startConsole({
    deps: (ports) => withRecords(ports, someRecords()),
  });
  await app.admin('ann');
  ({ browser } = await app.signedIn());
});
afterEach(async () => {
  expect(app.bugs()).toEqual([]);
  await app.close();
});

const overview = async () => (await app.page(browser, '/admin')).text;

const measure = (...rows: readonly Partial<Measured>[]): Promise<void> =>
  app.stores.meter.put(
    'one',
    rows.map((row) => ({
      at: Math.floor(app.clock.now() / METER_STEP) * METER_STEP,
      metric: 'rendered',
      of: 'cards',
      outcome: 'content',
      count: 1,
      sum: 0,
      buckets: [],
      ...row,
    })),
  );

describe('The overview', () => {
  it('says of a new server that nothing needs attention and nothing was shown', async () => {
    const text = await overview();
    for (const seen of [
      'Nothing needs attention',
      'No gadget was shown in the last 24 hours.',
      'No token needed refreshing',
    ])
      expect(text).toContain(seen);
    expect(text).not.toContain('<svg');
  });

  it('draws what was shown and renewed, with the same numbers as words and as a table', async () => {
    await measure(
      { count: 1200 },
      { outcome: 'connect', count: 30 },
      { outcome: 'provider-down', count: 4, at: app.clock.now() - 3 * HOUR },
      { metric: 'refreshed', of: 'mingle', outcome: 'ok', count: 7 },
    );
    const text = await overview();
    expect(text).toContain(
      '1,234 in 24 hours: 1,200 shown, 30 needed viewer action, 4 could not be shown. At most 1,230 in one hour.',
    );
    expect(text.match(/<rect class="chart-(good|waiting|bad)"/g)).toHaveLength(4);
    expect(text).toMatch(
      /<td class="number">1,200<\/td><td class="number">30<\/td><td class="number">0<\/td>/,
    );
    expect(text).toContain('7 renewed');
    expect(text).not.toContain('style=');
  });

  it('says about how long a provider took', async () => {
    await measure(
      { metric: 'called', of: 'mingle', outcome: 'ok', count: 90, buckets: [0, 90, 0, 0, 0, 0, 0, 0, 0] },
      { metric: 'called', of: 'mingle', outcome: 'down', count: 10, buckets: [0, 0, 0, 0, 0, 0, 0, 0, 10] },
    );
    const text = await overview();
    expect(text).toContain('Median about 80 ms, 95th percentile more than 6.4 s.');
    expect(text).toContain('MINGLE');
  });

  it('starts with what needs an administrator, each with the way to fix it', async () => {
    await app.stores.clientStops.stop('mingle', 'key', app.clock.now() - HOUR);
    const text = await overview();
    expect(text).toContain('MINGLE rejected our client');
    expect(text).toContain('href="/admin/providers/mingle"');
    expect(text).toMatch(/action="\/admin\/connections\/retry".*name="provider" value="mingle"/);
    expect(text.indexOf('rejected our client')).toBeLessThan(text.indexOf('Gadget views'));
  });
});
