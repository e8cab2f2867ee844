import { afterEach, describe, expect, it } from 'vitest';
import { type LinksSetup, setUpLinks } from './links-setup.js';

let setup: LinksSetup;
afterEach(() => setup.close());

const address = async (visit: Awaited<ReturnType<LinksSetup['visit']>>): Promise<string> =>
  (await (await setup.press(visit)).getAttribute('href')) ?? '';

describe('a link that its viewer sends to someone else', () => {
  it('ends in mode reauth where their host names them: nothing is asked of the provider', async () => {
    setup = await setUpLinks('reauth');
    const alices = await setup.visit();
    const bobs = await setup.stranger(alices, 'bob', await address(alices));
    await bobs.getByText('knows a different person').waitFor();
    expect(bobs.url()).toContain(`${setup.oriel.siteOrigin}/connect/vouched?flow=`);
    expect(setup.oriel.authorizationServer.asked('redeem')).toBe(0);
    await alices.gadget().getByText('knows a different person').waitFor();
    await alices.gadget().getByRole('button', { name: 'Connect Mingle' }).waitFor();
  });

  it('shows them, in mode code, who would get the code, and gives the sender nothing', async () => {
    setup = await setUpLinks('code');
    const alices = await setup.visit();
    const bobs = await setup.stranger(alices, 'bob', await address(alices));
    await bobs.getByText('Did someone send you a link').waitFor();
    await bobs.getByText('ann').first().waitFor();
    await setup.agree(bobs);
    const code = await setup.codeOn(bobs);
    await bobs.getByText('Don’t share this code').waitFor();
    const field = setup.field(alices);
    await field.waitFor();
    expect(await alices.page.frames()[1]?.content()).not.toContain(code);
    for (const left of ['4 more', '3 more', '2 more', '1 more']) {
      await field.fill('BCDF-GHJK');
      await field.press('Enter');
      await alices.gadget().getByRole('alert').filter({ hasText: left }).waitFor();
    }
    await field.fill('BCDF-GHJK');
    await field.press('Enter');
    await alices.gadget().getByText('wrong code was entered five times').waitFor();
    await expect.poll(() => setup.oriel.authorizationServer.revoked).toEqual(['access-ann-1']);
    expect(await setup.content(alices).count()).toBe(0);
  });

  it('ends in mode code when they say no on the page with the code', async () => {
    setup = await setUpLinks('code');
    const alices = await setup.visit();
    const bobs = await setup.stranger(alices, 'bob', await address(alices));
    await setup.agree(bobs);
    await bobs.getByRole('button', { name: 'Don’t connect' }).click();
    await bobs.getByRole('heading', { name: 'Not connected' }).waitFor();
    await alices.gadget().getByText('Nothing was connected').waitFor();
  });
});

describe('a code', () => {
  it('that is wrong is announced, and the right one still works', async () => {
    setup = await setUpLinks('code');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await setup.agree(tab);
    const code = await setup.codeOn(tab);
    await visit.page.bringToFront();
    const field = setup.field(visit);
    await field.fill('nothing');
    await field.press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: 'eight letters' }).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('');
    await field.press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: 'first' }).waitFor();
    await field.fill(code);
    await field.press('Enter');
    await setup.content(visit).waitFor();
  });

  it('that is too old is replaced on its page', async () => {
    setup = await setUpLinks('code');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await setup.agree(tab);
    const old = await setup.codeOn(tab);
    setup.oriel.clock.pass(5 * 60_000);
    const field = setup.field(visit);
    await field.fill(old);
    await field.press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: 'has expired' }).waitFor();
    await tab.reload();
    await tab.getByRole('button', { name: 'Show a new code' }).click();
    await field.fill(await setup.codeOn(tab));
    await field.press('Enter');
    await setup.content(visit).waitFor();
  });

  it('that was typed in another tab ends the wait in this one', async () => {
    setup = await setUpLinks('code');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await setup.agree(tab);
    const code = await setup.codeOn(tab);
    const other = await visit.context.newPage();
    await other.goto(setup.host.origin);
    const gadget = other.locator('#one').frameLocator('iframe');
    await gadget.getByLabel('Code', { exact: true }).last().fill(code);
    await other.keyboard.press('Enter');
    await gadget.getByText('cards of ann').waitFor();
    await visit.page.bringToFront();
    await setup.content(visit).waitFor();
  });
});
