import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METER_STEP, type Measured } from '../../src/domain/meter.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { record, ruth, someRecords, withRecords } from '../admin/admin-setup.js';
import { type ConsoleApp, PASSWORD, startConsole } from '../admin/console-app.js';
import { bob, HOUR } from '../connect/connect-setup.js';
import { stepsOf } from '../connect/steps.js';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { press } from './by-keyboard.js';

/** A day of a server that is used, with its ups and downs. */
const day = (now: number): readonly Measured[] => {
  const last = Math.floor(now / METER_STEP) * METER_STEP;
  return Array.from({ length: 24 }, (_, ago): readonly Measured[] => {
    const at = last - ago * HOUR;
    const load = Math.round(200 + 180 * Math.sin(ago / 4));
    const row = (
      metric: Measured['metric'],
      of: string,
      outcome: string,
      count: number,
      buckets: number[] = [],
    ) => ({
      at,
      metric,
      of,
      outcome,
      count,
      sum: 0,
      buckets,
    });
    return [
      row('rendered', 'cards', 'content', load * 3),
      row('rendered', 'cards', 'connect', Math.round(load / 9)),
      row('rendered', 'cards', 'provider-down', ago === 5 ? load : 0),
      row('refreshed', 'mingle', 'ok', Math.round(load / 4)),
      row('refreshed', 'mingle', 'failed', ago % 7),
      row('called', 'mingle', 'ok', load, [
        0,
        load,
        Math.round(load / 3),
        ago,
        0,
        0,
        ago === 9 ? 40 : 0,
        0,
        0,
      ]),
      row('called', 'mingle', 'down', ago < 2 ? load : 0, [0, 0, 0, 0, 0, 0, 0, 0, ago < 2 ? load : 0]),
      ...(ago > 8 && ago < 14 ? [row('called', 'github', 'ok', ago, [ago, 0, 0, 0, 0, 0, 0, 0, 0])] : []),
    ];
  }).flat();
};

const fill = async (app: ConsoleApp): Promise<void> => {
  const { stores, clock } = app;
  const steps = stepsOf(app);
  const long = viewerOf('gocd', `user-${'0123456789'.repeat(9)}@department.example.com`);
  const { id } = await steps.connect('ada');
  await stores.connectionLists.used(id, 'reviews', clock.now() - HOUR);
  await stores.connectionLists.used(id, 'mingle-cards', clock.now() - 3 * HOUR);
  await stores.connections.expire(
    await steps.connect('bob', 'github', bob),
    'expired-or-connected-elsewhere',
  );
  await steps.connect('somebody-with-a-long-name', 'github', long);
  await steps.connect('ada', 'mingle');
  clock.pass(6 * HOUR);
  await stores.meter.put('one', day(clock.now()));
  await stores.clientStops.stop('mingle', 'key', clock.now() - 2 * HOUR);
  const provider = 'github';
  for (const code of ['http_503', 'timeout', 'invalid_grant'])
    await stores.audit.append(
      { action: 'connection.refresh-failed', by: ruth, outcome: 'failed', provider, code },
      clock.now() - HOUR,
    );
  const leaver = { kind: 'connections', provider, host: null } as const;
  await stores.bulkDisconnects.start({
    id: 'd1',
    leaver,
    startedAt: clock.now() - 5 * HOUR,
    startedBy: 'Ruth',
  });
};

const PAGES = [
  '/admin',
  '/admin/connections',
  '/admin/connections?provider=github&status=reconnect',
  '/admin/connections?host=nowhere',
  '/admin/connections/connection/revoke',
  '/admin/connections/revoke-all',
  '/admin/connections/revoke-all?provider=github',
  '/admin/connections/refreshing',
  '/admin/bulk-disconnects',
  '/admin/bulk-disconnects/d1',
];

describe('The overview and the pages about connections, in a browser', () => {
  let app: ConsoleApp;
  let browser: Browser;
  let pages: readonly string[];
  beforeAll(async () => {
    const records = [...someRecords(), record('host', 'wiki', { origin: 'store', version: 1, entry: null })];
    app = await startConsole({
      deps: (ports) => withRecords(ports, records),
    });
    await app.admin('ann');
    await fill(app);
    const [first] = await app.stores.connectionLists.page({ status: 'active' }, { after: null, limit: 1 });
    pages = PAGES.map((path) => path.replace('/connection/', `/${first?.id}/`));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await app.close();
  });

  const signedIn = async (): Promise<Page> => {
    const context = await newPerson(browser, WIDE_LIGHT);
    const page = await context.newPage();
    await page.goto(`${app.siteOrigin}/admin/sign-in?to=/admin`);
    await page.getByLabel('Name').fill('ann');
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    return page;
  };

  it('have no fault that axe-core finds and never scroll sideways, in light and dark, wide and narrow', async () => {
    const page = await signedIn();
    for (const path of pages) {
      await page.goto(app.siteOrigin + path);
      await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
      expect(await faultsInEveryLook([page], NARROW.console)).toEqual([]);
    }
    await page.context().close();
  }, 120_000);

  it('lead by keyboard alone from what needs an administrator to a revoked connection', async () => {
    const page = await signedIn();
    await press(page, 'button', /Retry/);
    await page.getByText('One client of mingle can request tokens again.').waitFor();
    await press(page, 'link', /Connected accounts/);
    await page.getByRole('heading', { name: 'Connections' }).waitFor();
    await press(page, 'link', /^Disconnect .* for/);
    await page.getByRole('heading', { name: 'What happens' }).waitFor();
    await press(page, 'button', /Disconnect/);
    await page.getByText(/^Disconnected/).waitFor();
    await page.context().close();
  });
});
