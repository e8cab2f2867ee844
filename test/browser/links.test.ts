import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { pressArmed } from '../support/armed.js';
import { GADGET } from './browser-setup.js';
import { type LinksSetup, setUpLinks } from './links-setup.js';

let setup: LinksSetup;
afterEach(() => setup.close());

const newTokens = () => ({
  accessToken: new Secret('access-ann'),
  refreshToken: null,
  issuedAt: Date.now(),
  expiresAt: null,
  scopes: null,
});

describe.each(['reauth', 'code'] as const)('under COOP: same-origin, mode %s', (mode) => {
  it('leads from the click over a link to the viewer’s own content', async () => {
    setup = await setUpLinks(mode);
    const visit = await setup.visit();
    await setup.press(visit);
    await visit.event('oriel-state', { state: 'waiting' });
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    await visit.gadget().getByRole('heading', { name: 'Finish on the other page' }).waitFor();
    await setup.agree(tab);
    if (mode === 'code') {
      await setup.field(visit).fill((await setup.codeOn(tab)).toLowerCase());
      await visit.gadget().getByRole('button', { name: 'Connect', exact: true }).click();
    }
    await setup.content(visit).waitFor();
    await visit.event('oriel-state', { state: 'content' });
  });

  it('shows the link focused, for a tab without an opener, and its address keeps no ticket', async () => {
    setup = await setUpLinks(mode);
    const visit = await setup.visit();
    const link = await setup.press(visit);
    expect(await visit.page.frames()[1]?.evaluate('document.activeElement.textContent')).toBe(
      'Open the connect page',
    );
    expect(await link.getAttribute('rel')).toBe('noopener');
    const [tab] = await Promise.all([visit.context.waitForEvent('page'), visit.page.keyboard.press('Enter')]);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    expect(await tab.evaluate('window.opener')).toBeNull();
    await tab.goBack().catch(() => null);
    await tab.goForward().catch(() => null);
    expect(tab.url()).not.toContain('#');
    expect(await tab.evaluate('document.referrer')).not.toContain('#');
  });

  it('goes on though the host page is reloaded in the meantime, and wakes its other frames', async () => {
    setup = await setUpLinks(mode);
    setup.host.body = GADGET + GADGET.replace('id="one"', 'id="two"');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    await visit.page.reload();
    // A page that was loaded since shows its own content or Connect, and follows beside it.
    for (const id of ['one', 'two'])
      await visit.gadget(id).getByRole('button', { name: 'Connect Mingle' }).waitFor();
    await setup.agree(tab);
    if (mode === 'code') {
      const code = await setup.codeOn(tab);
      await visit.page.bringToFront();
      await setup.field(visit, 'one').waitFor();
      await setup.field(visit, 'two').fill(code);
      await visit.page.keyboard.press('Enter');
    }
    await setup.content(visit, 'one').waitFor();
    await setup.content(visit, 'two').waitFor();
  });

  it('can be started again, and cancelled', async () => {
    setup = await setUpLinks(mode);
    const visit = await setup.visit();
    const first = await (await setup.press(visit)).getAttribute('href');
    const tab = await setup.follow(visit);
    await visit.gadget().getByRole('button', { name: 'I’ve finished' }).click();
    await visit.gadget().getByRole('button', { name: 'Start over' }).click();
    await setup.link(visit).waitFor();
    expect(await setup.link(visit).getAttribute('href')).not.toBe(first);
    await visit.gadget().getByRole('button', { name: 'I’ve finished' }).click();
    await visit.gadget().getByText('isn’t finished yet').waitFor();
    await visit.gadget().getByRole('button', { name: 'Cancel' }).click();
    await visit.gadget().getByRole('button', { name: 'Connect Mingle' }).waitFor();
    await tab.close();
  });

  it('a link that was used leads on where it was opened, and explains itself elsewhere', async () => {
    setup = await setUpLinks(mode);
    const visit = await setup.visit();
    const address = (await (await setup.press(visit)).getAttribute('href')) ?? '';
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    const again = await visit.context.newPage();
    await again.goto(address);
    // The same browser goes on where it was; another one is not asked to start again.
    await again.getByRole('button', { name: /^(Continue|Ask)/ }).waitFor();
    const elsewhere = await setup.stranger(visit, 'ann', address);
    await elsewhere.getByText('already open in another window').waitFor();
    expect(
      await elsewhere
        .getByText(/press Connect/i)
        .filter({ visible: true })
        .count(),
    ).toBe(0);
    await elsewhere.reload();
    await elsewhere.getByRole('heading', { name: 'Press Connect in the gadget' }).waitFor();
  });
});

describe('A page of a flow', () => {
  it('is found again by a reload, and by the link that the gadget goes on showing', async () => {
    setup = await setUpLinks('code');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    await tab.reload();
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    await visit.gadget().getByRole('heading', { name: 'Finish on the other page' }).waitFor();
    const again = visit.gadget().locator('a[data-oriel-link]');
    const [second] = await Promise.all([visit.context.waitForEvent('page'), again.click()]);
    await second.getByRole('button', { name: /^Continue/ }).waitFor();
  });

  it('counts down how long its code works, and offers another one when that is over', async () => {
    setup = await setUpLinks('code');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await tab.clock.install();
    await setup.agree(tab);
    const code = await setup.codeOn(tab);
    const left = tab.locator('[data-oriel-seconds]');
    await tab.clock.fastForward('02:00');
    await expect.poll(() => left.textContent()).toMatch(/^[23] min/);
    setup.oriel.clock.pass(5 * 60_000);
    await tab.clock.fastForward('03:05');
    await tab.getByText('This code has expired').waitFor();
    await tab.getByRole('button', { name: /Show/ }).click();
    await expect.poll(() => setup.codeOn(tab)).not.toBe(code);
  });

  it('goes on by itself while the provider’s answer is traded for tokens', async () => {
    setup = await setUpLinks('code');
    const visit = await setup.visit();
    await setup.press(visit);
    const tab = await setup.follow(visit);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
    const address = tab.url();
    const { authorizationServer } = setup.oriel;
    let trade: () => void = () => {};
    const traded = new Promise<void>((resolve) => {
      trade = resolve;
    });
    authorizationServer.answers.push(async () => {
      await traded;
      return { kind: 'tokens', tokens: newTokens() };
    });
    await pressArmed(tab, /^Continue/);
    await tab.getByRole('link', { name: 'Allow' }).click({ noWaitAfter: true });
    await expect.poll(() => authorizationServer.asked('redeem')).toBe(1);
    const other = await visit.context.newPage();
    await other.goto(address);
    await other.getByRole('heading', { name: 'Connecting Mingle…' }).waitFor();
    trade();
    await other.getByRole('button', { name: 'Connect', exact: true }).waitFor();
  });
});

describe('A host that is down when it is asked who is there', () => {
  it('is not asked again automatically when the person comes back: they retry or cancel', async () => {
    setup = await setUpLinks('reauth');
    const visit = await setup.visit();
    await setup.press(visit);
    let asked = 0;
    setup.host.connectAnswer = (response) => {
      asked += 1;
      response.destroy();
    };
    const tab = await setup.follow(visit);
    await expect.poll(() => asked).toBeGreaterThan(0);
    // Polled, since waitForURL throws when the navigation it waits for fails, which is what is waited for.
    await expect.poll(() => tab.url()).toMatch(/^chrome-error:/);
    await tab.goBack().catch(() => null);
    await tab.getByText('hasn’t confirmed yet who is signed in there').waitFor();
    const before = asked;
    // Long enough for a script that sends the form by itself.
    await tab.waitForTimeout(500);
    expect(asked).toBe(before);
    setup.host.connectAnswer = null;
    await pressArmed(tab, /^Ask .* again$/);
    await tab.getByRole('button', { name: /^Continue/ }).waitFor();
  });
});
