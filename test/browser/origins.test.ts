import { afterEach, beforeEach, expect, it } from 'vitest';
import { installClock, pressArmed } from '../support/armed.js';
import { fragment } from '../support/gadget-server.js';
import { startHostPage } from '../support/host-page.js';
import { type BrowserSetup, setUpBrowser } from './browser-setup.js';
import { startProviderPage } from './provider-page.js';

let setup: BrowserSetup;
let mingle: Awaited<ReturnType<typeof startProviderPage>>;
beforeEach(async () => {
  mingle = await startProviderPage();
  setup = await setUpBrowser({ providers: [mingle.provider] });
  setup.oriel.render(() =>
    fragment('<button data-oriel-action="connect" data-oriel-provider="mingle">Connect</button>', {
      state: 'connect',
      fetchedAt: null,
    }),
  );
});
afterEach(async () => {
  await setup.close();
  await mingle.close();
});

/** A visitor who pressed Connect, with the gadget's frame and the popup, whose handle the frame's scripts can reach. */
const pressed = async () => {
  const visit = await setup.visit({}, (page) => installClock(page.context()));
  const button = visit.gadget().getByRole('button', { name: 'Connect', exact: true });
  await button.waitFor();
  const [, frame] = visit.page.frames();
  if (frame === undefined) throw new Error('there is no frame');
  await frame.evaluate(
    'window.open = ((open) => (...given) => (window.popup = open.apply(window, given)))(window.open)',
  );
  const [popup] = await Promise.all([visit.context.waitForEvent('page'), button.click()]);
  await popup.getByRole('button', { name: /^Continue/ }).waitFor();
  return { visit, frame, popup };
};

it('a script in a gadget cannot read the popup, nor does the code reach the popup’s own scripts (T17)', async () => {
  const { frame, popup } = await pressed();
  const read = (what: string): Promise<unknown> =>
    frame.evaluate(
      `(() => { try { return String(popup.${what}); } catch (error) { return error.name; } })()`,
    );
  expect(await read('closed')).toBe('false');
  expect(await read('document.body')).toBe('SecurityError');
  expect(await read('location.href')).toBe('SecurityError');

  // Every address at which a script of the popup ever ran.
  const seen: string[] = [];
  await popup.exposeFunction('seen', (address: string) => void seen.push(address));
  await popup.addInitScript('window.seen(location.href + " " + document.referrer)');
  await pressArmed(popup, /^Continue/);
  await popup.getByRole('link', { name: 'Allow' }).click();
  await popup.getByRole('button', { name: 'Connect', exact: true }).waitFor();
  await expect.poll(() => seen.some((line) => line.includes('/connect/finish'))).toBe(true);
  expect(seen.filter((line) => line.includes('code-of-ann'))).toEqual([]);
  expect(await popup.content()).not.toContain('code-of-ann');
});

it('a page in the popup cannot navigate the host’s page; a frame that was navigated away is launched again (T18)', async () => {
  const { visit, frame, popup } = await pressed();
  const { length } = setup.oriel.asked;
  const away = JSON.stringify(`${setup.host.origin}/elsewhere`);
  const lead = (whom: string): Promise<unknown> =>
    popup.evaluate(
      `(() => { try { ${whom}.location.href = ${away}; } catch (error) { return error.name; } })()`,
    );
  expect(await lead('opener.top')).toBe('SecurityError');
  await lead('opener');
  // Browsers differ in whether they let it; so here it is led away for certain.
  await frame.evaluate(`location.href = ${away}`);
  await visit.gadget().getByRole('heading', { name: 'Elsewhere' }).waitFor();
  expect(visit.page.url()).toBe(`${setup.host.origin}/`);
  await visit.page.evaluate("document.getElementById('one').reload()");
  await visit.gadget().getByRole('button', { name: 'Connect' }).waitFor();
  expect(setup.oriel.asked.length).toBeGreaterThan(length);
});

it('a foreign page cannot frame a gadget, even with a token of the host (T6)', async () => {
  const foreign = await startHostPage();
  try {
    foreign.gadgetOrigin = setup.oriel.gadgetOrigin;
    foreign.body = setup.host.body;
    const { context } = await setup.visit();
    const page = await context.newPage();
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(foreign.origin);
    await refused;
    const button = page.locator('#one').frameLocator('iframe').getByRole('button', { name: 'Connect' });
    expect(await button.count()).toBe(0);
  } finally {
    await foreign.close();
  }
});
