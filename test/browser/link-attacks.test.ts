import { afterEach, describe, expect, it } from 'vitest';
import { type LinksSetup, setUpLinks } from './links-setup.js';

let scene: LinksSetup;
afterEach(() => scene.close());

const address = async (visit: Awaited<ReturnType<LinksSetup['visit']>>): Promise<string> =>
  (await (await scene.press(visit)).getAttribute('href')) ?? '';

describe('a link that its viewer sends to someone else', () => {
  it('ends in mode reauth where their host names them: nothing is asked of the provider', async () => {
    scene = await setUpLinks('reauth');
    const alices = await scene.visit();
    const bobs = await scene.stranger(alices, 'bob', await address(alices));
    await bobs.getByText('knows a different person').waitFor();
    expect(bobs.url()).toContain(`${scene.oriel.siteOrigin}/connect/vouched?flow=`);
    expect(scene.oriel.authorizationServer.asked('redeem')).toBe(0);
    await alices.gadget().getByText('knows a different person').waitFor();
    await alices.gadget().getByRole('button', { name: 'Connect Mingle' }).waitFor();
  });

  it('shows them, in mode code, who would get the code, and gives the sender nothing', async () => {
    scene = await setUpLinks('code');
    const alices = await scene.visit();
    const bobs = await scene.stranger(alices, 'bob', await address(alices));
    await bobs.getByText('Did someone send you a link').waitFor();
    await bobs.getByText('ann').first().waitFor();
    await scene.agree(bobs);
    const code = await scene.codeOn(bobs);
    await bobs.getByText('Don’t share this code').waitFor();
    const field = scene.field(alices);
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
    await expect.poll(() => scene.oriel.authorizationServer.revoked).toEqual(['access-ann-1']);
    expect(await scene.content(alices).count()).toBe(0);
  });

  it('ends in mode code when they say no on the page with the code', async () => {
    scene = await setUpLinks('code');
    const alices = await scene.visit();
    const bobs = await scene.stranger(alices, 'bob', await address(alices));
    await scene.agree(bobs);
    await bobs.getByRole('button', { name: 'Don’t connect' }).click();
    await bobs.getByRole('heading', { name: 'Not connected' }).waitFor();
    await alices.gadget().getByText('Nothing was connected').waitFor();
  });
});

describe('a code', () => {
  it('that is wrong is announced, and the right one still works', async () => {
    scene = await setUpLinks('code');
    const visit = await scene.visit();
    await scene.press(visit);
    const tab = await scene.follow(visit);
    await scene.agree(tab);
    const code = await scene.codeOn(tab);
    await visit.page.bringToFront();
    const field = scene.field(visit);
    await field.fill('nothing');
    await field.press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: 'eight letters' }).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('');
    await field.press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: 'first' }).waitFor();
    await field.fill(code);
    await field.press('Enter');
    await scene.content(visit).waitFor();
  });

  it('that is too old is replaced on its page', async () => {
    scene = await setUpLinks('code');
    const visit = await scene.visit();
    await scene.press(visit);
    const tab = await scene.follow(visit);
    await scene.agree(tab);
    const old = await scene.codeOn(tab);
    scene.oriel.clock.pass(5 * 60_000);
    const field = scene.field(visit);
    await field.fill(old);
    await field.press('Enter');
    await visit.gadget().getByRole('alert').filter({ hasText: 'has expired' }).waitFor();
    await tab.reload();
    await tab.getByRole('button', { name: 'Show a new code' }).click();
    await field.fill(await scene.codeOn(tab));
    await field.press('Enter');
    await scene.content(visit).waitFor();
  });

  it('that was typed in another tab ends the wait in this one', async () => {
    scene = await setUpLinks('code');
    const visit = await scene.visit();
    await scene.press(visit);
    const tab = await scene.follow(visit);
    await scene.agree(tab);
    const code = await scene.codeOn(tab);
    const other = await visit.context.newPage();
    await other.goto(scene.host.origin);
    const gadget = other.locator('#one').frameLocator('iframe');
    await gadget.getByLabel('Code', { exact: true }).last().fill(code);
    await other.keyboard.press('Enter');
    await gadget.getByText('cards of ann').waitFor();
    await visit.page.bringToFront();
    await scene.content(visit).waitFor();
  });
});
