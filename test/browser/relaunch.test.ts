import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signHostToken } from '../support/host-token.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpBrowser();
});
afterEach(() => setup.close());

const opened = async (): Promise<Visit> => {
  const visit = await setup.visit({}, (page) => page.clock.install());
  await visit.gadget().getByText('ann').waitFor();
  await visit.settled();
  return visit;
};
/** Reloads the gadget's frame as its own menu would. */
const reloadFrame = (visit: Visit): Promise<unknown> =>
  visit.page
    .frames()[1]
    ?.evaluate('location.reload()')
    .catch(() => null) ?? Promise.resolve(null);
/** Waits for what a frame says that no one answers, whose two seconds a test lets pass. */
const unanswered = ({ page, gadget }: Visit, heading: string): Promise<void> =>
  expect
    .poll(async () => {
      await page.clock.runFor(500);
      return gadget().getByRole('heading', { name: heading }).isVisible();
    })
    .toBe(true);
const launches = (): number => setup.oriel.asked.length;

describe('a frame that is reloaded', () => {
  it('is launched again by the host page, and the page’s history does not grow', async () => {
    const visit = await opened();
    await reloadFrame(visit);
    await expect.poll(launches).toBe(2);
    await visit.gadget().getByText('ann').waitFor();
    expect(await visit.page.evaluate('history.length')).toBe(2);
    expect(visit.page.frames()).toHaveLength(2);
  });

  it('is launched by itself once a minute, and then says what to do', async () => {
    const visit = await opened();
    await reloadFrame(visit);
    await expect.poll(launches).toBe(2);
    await visit.gadget().getByText('ann').waitFor();
    await reloadFrame(visit);
    await unanswered(visit, 'This gadget stopped loading');
    expect(launches()).toBe(2);
  });

  it('shows the content of the viewer who is signed in by then', async () => {
    const visit = await opened();
    setup.host.user = 'bob';
    await reloadFrame(visit);
    await visit.gadget().getByText('bob').waitFor();
  });
});

describe('a page that was left', () => {
  it('shows the gadget again after Back', async () => {
    const { page, gadget } = await opened();
    await page.goto(`${setup.host.origin}/elsewhere`);
    await page.goBack();
    await gadget().getByText('ann').waitFor();
  });

  it('shows nothing of the former viewer after Back, when someone else is signed in', async () => {
    const { page, gadget } = await opened();
    await page.goto(`${setup.host.origin}/elsewhere`);
    setup.host.user = 'bob';
    await page.goBack();
    await gadget().getByText('bob').waitFor();
    expect(await gadget().getByText('ann').count()).toBe(0);
  });

  it('is emptied when the browser restores it as it was left', async ({ skip }) => {
    const { page, gadget } = await opened();
    await page.goto(`${setup.host.origin}/elsewhere`);
    setup.host.user = 'bob';
    await page.goBack();
    if (!(await page.evaluate('window.restored'))) skip('this browser keeps no page for Back');
    await gadget().getByText('bob').waitFor();
    expect(await gadget().getByText('ann').count()).toBe(0);
  });

  it('shows the gadget again after a reload of the whole page', async () => {
    const { page, gadget } = await opened();
    await page.reload();
    await gadget().getByText('ann').waitFor();
  });
});

describe('the element’s own reload()', () => {
  it('launches for the viewer who is signed in now, as often as it is called', async () => {
    const { page, gadget } = await opened();
    for (const user of ['bob', 'cleo', 'ann']) {
      setup.host.user = user;
      await page.evaluate("document.getElementById('one').reload()");
      await gadget().getByText(user).waitFor();
    }
    expect(await page.evaluate('history.length')).toBe(2);
  });
});

describe('a token in the page', () => {
  it('serves one launch; a reload of the frame then says what to do', async () => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin });
    setup.host.body = `<oriel-gadget id="one" host="gocd" gadget="example" token="${token}"></oriel-gadget>`;
    const visit = await opened();
    await reloadFrame(visit);
    await unanswered(visit, 'This gadget stopped loading');
    expect(launches()).toBe(1);
  });

  it('that was used before is refused, with words and an event', async () => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin });
    setup.host.body = `<oriel-gadget id="one" host="gocd" gadget="example" token="${token}"></oriel-gadget>`;
    await opened();
    const second = await setup.visit({}, (page) => page.clock.install());
    await second.event('oriel-error', { code: 'token_replayed' });
    await unanswered(second, 'This gadget was already started');
  });
});

describe('a host page without script', () => {
  it('shows the gadget when its form’s button is pressed, and says to reload when the frame is reloaded', async () => {
    const token = await signHostToken({ aud: setup.oriel.gadgetOrigin });
    setup.host.body = `
      <form method="post" target="card" action="${setup.oriel.gadgetOrigin}/h/gocd/g/example">
      <input type="hidden" name="token" value="${token}"><input type="hidden" name="p.project" value="apollo">
      <button>Show cards</button></form><div id="one"><iframe name="card" title="Cards"></iframe></div>`;
    const visit = await setup.visit({}, (page) => page.clock.install());
    const { page, gadget } = visit;
    await page.getByRole('button', { name: 'Show cards' }).click();
    await gadget().getByText('ann').waitFor();
    await page.getByRole('button', { name: 'Show cards' }).click();
    await unanswered(visit, 'This gadget was already started');
  });
});
