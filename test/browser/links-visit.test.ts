import { afterEach, describe, expect, it } from 'vitest';
import { pressArmed } from '../support/armed.js';
import { faultsOf } from '../support/axe.js';
import { fragment } from '../support/gadget-server.js';
import { type LinksSetup, setUpLinks } from './links-setup.js';

let setup: LinksSetup;
afterEach(() => setup.close());

describe.each(['reauth', 'code'] as const)('My connections under COOP: same-origin, mode %s', (mode) => {
  it('is opened by a link once its page knows who is there', async () => {
    setup = await setUpLinks(mode);
    setup.oriel.render(() =>
      fragment('<p>cards</p><button data-oriel-action="connections">My connections</button>'),
    );
    const visit = await setup.visit();
    await visit.settled();
    const gadget = visit.gadget();
    await gadget.getByRole('button', { name: 'My connections' }).click();
    const link = gadget.getByRole('link', { name: 'Open My connections' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toMatch(/\/connections\?locale=en#[\w-]{43}$/);
    const [tab] = await Promise.all([visit.context.waitForEvent('page'), link.click()]);
    if (mode === 'code') {
      await tab.getByRole('heading', { name: 'Enter this code in the gadget' }).waitFor();
      expect(await faultsOf(tab)).toEqual([]);
      await setup.field(visit).fill(await setup.codeOn(tab));
      await gadget.getByRole('button', { name: 'Confirm it’s me' }).click();
      await gadget.getByRole('heading', { name: 'Continue on the other page' }).waitFor();
      await pressArmed(tab, /I’ve entered it/);
    } else {
      await pressArmed(tab, /^Ask/);
      await tab.getByRole('heading', { name: 'Welcome back' }).waitFor();
      expect(await faultsOf(tab)).toEqual([]);
      await pressArmed(tab, 'Open My connections');
    }
    await tab.getByRole('heading', { name: 'My connections', level: 1 }).waitFor();
    expect(await tab.textContent('main')).toContain('ann');
    await gadget.getByText('cards').waitFor();
    expect(tab.url()).not.toContain('#');
  });

  it('is not opened by a link that someone sent', async () => {
    setup = await setUpLinks(mode);
    setup.oriel.render(() => fragment('<button data-oriel-action="connections">My connections</button>'));
    const visit = await setup.visit();
    await visit.gadget().getByRole('button', { name: 'My connections' }).click();
    const link = visit.gadget().getByRole('link', { name: 'Open My connections' });
    await link.waitFor();
    const page = await setup.stranger(visit, 'bob', (await link.getAttribute('href')) ?? '');
    if (mode === 'code') {
      await pressArmed(page, /I’ve entered it/);
      await page.getByText('hasn’t been entered in the gadget yet').waitFor();
    } else {
      await pressArmed(page, /^Ask/);
      await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    }
    await page.goto(`${new URL(page.url()).origin}/connections`);
    expect(await page.locator('[data-oriel-page="list"]').count()).toBe(0);
    await page.context().close();
  });
});
