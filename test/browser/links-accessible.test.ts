import type { Frame, Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { pressArmed } from '../support/armed.js';
import { faultsInEveryLook, repetitionsOn, WIDE_LIGHT } from '../support/axe.js';
import type { Visit } from './browser-setup.js';
import { type LinksSetup, setUpLinks } from './links-setup.js';

let setup: LinksSetup;
afterEach(() => setup.close());

/** What is left for a gadget in a column of 280 pixels with the margins that a page has by nature. */
const NARROWEST = 264;

/** A page of its own sees to landmarks; a frame is a part of one. */
const expectSound = async (page: Page | Frame | undefined): Promise<void> => {
  if (page === undefined) throw new Error('no page');
  expect([...(await faultsInEveryLook([page], NARROWEST)), ...(await repetitionsOn(page))]).toEqual([]);
};

const started = async (mode: 'reauth' | 'code'): Promise<Visit> => {
  setup = await setUpLinks(mode);
  const visit = await setup.visit(WIDE_LIGHT);
  await setup.press(visit);
  return visit;
};

describe('axe finds nothing wrong, and nothing is too wide, in light and dark, wide and narrow,', () => {
  it('on the way by a code: link, other page, code, a wrong one, and the pages beside', async () => {
    const visit = await started('code');
    const frame = visit.page.frames()[1];
    await expectSound(frame);
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    await expectSound(tab);
    await visit.gadget().getByRole('heading', { name: 'Finish on the other page' }).waitFor();
    await expectSound(frame);
    await setup.agree(tab);
    await tab.getByRole('heading', { name: 'Enter this code' }).waitFor();
    await expectSound(tab);
    await setup.field(visit).waitFor();
    await expectSound(frame);
    await setup.field(visit).fill('BCDF-GHJK');
    await setup.field(visit).press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: '4 more times' }).waitFor();
    await expectSound(frame);
    setup.oriel.clock.pass(5 * 60_000);
    await tab.reload();
    await tab.getByRole('button', { name: 'Show a new code' }).waitFor();
    await expectSound(tab);
  });

  it('on the way over the host: while it is asked, when it has answered, and when it names someone else', async () => {
    const visit = await started('reauth');
    // A 204 leaves the page that asks where it is.
    await visit.context.route('**/connect/ask', (route) => route.fulfill({ status: 204 }));
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: 'Ask GoCD' }).waitFor();
    await expectSound(tab);
    await visit.context.unroute('**/connect/ask');
    await pressArmed(tab, 'Ask GoCD');
    await tab.getByText('just confirmed').waitFor();
    await expectSound(tab);
    await visit.gadget().getByRole('button', { name: 'Start over' }).click();
    const address = (await setup.link(visit).getAttribute('href')) ?? '';
    const bobs = await setup.stranger(visit, 'bob', address);
    await bobs.getByText('knows a different person').waitFor();
    await expectSound(bobs);
  });
});
