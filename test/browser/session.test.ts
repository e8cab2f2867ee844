import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fragment } from '../support/gadget-server.js';
import { type BrowserSetup, setUpBrowser, type Visit } from './browser-setup.js';

const MINUTE = 60_000;

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpBrowser();
});
afterEach(() => setup.close());

/** A visit whose clock, and Oriel's with it, a test moves. */
const opened = async (): Promise<Visit & { pass(ms: number): Promise<void> }> => {
  const visit = await setup.visit({}, (page) => page.clock.install());
  await visit.gadget().getByText('ann').waitFor();
  await visit.settled();
  const pass = async (ms: number): Promise<void> => {
    setup.oriel.clock.pass(ms);
    await visit.page.clock.fastForward(ms);
  };
  return { ...visit, pass };
};
const questions = (): number => setup.host.questions.length;
const inFrame = (visit: Visit, script: string): Promise<unknown> =>
  visit.page.frames()[1]?.evaluate(script) ?? Promise.reject(new Error('no frame'));

/** The host's tokens, by Oriel's clock. */
beforeEach(() => {
  Object.defineProperty(setup.host, 'claims', {
    get: () => {
      const now = Math.floor(setup.oriel.clock.now() / 1000);
      return { iat: now, exp: now + 60 };
    },
  });
});

describe('a frame that stays open', () => {
  it('is renewed before its quarter of an hour is over, in the same frame, and fetches again', async () => {
    const visit = await opened();
    setup.oriel.render(() => fragment('<p>newer</p>'));
    await visit.pass(12 * MINUTE);
    await visit.gadget().getByText('newer').waitFor();
    expect(questions()).toBe(2);
    await visit.pass(12 * MINUTE);
    await expect.poll(questions).toBe(3);
    expect(visit.page.frames()).toHaveLength(2);
    expect((await visit.events()).filter(({ state }) => state === 'loading')).toHaveLength(1);
  });

  it('is empty before anything else when it wakes after it expired, and then comes back', async () => {
    const visit = await opened();
    const states = async () => (await visit.events()).map(({ state }) => state).filter(Boolean);
    const before = (await states()).length;
    await visit.pass(3 * 60 * MINUTE);
    await visit.gadget().getByText('ann').waitFor();
    await expect.poll(states).toHaveLength(before + 2);
    expect((await states()).slice(before)).toEqual([expect.stringMatching(/loading|expired/), 'content']);
  });

  it('is emptied when no one is signed in to the host, and shows the host’s own text', async () => {
    setup.host.body = setup.host.body.replace('></', '><a slot="signed-out" href="/login">Sign in</a></');
    const visit = await opened();
    setup.host.user = null;
    await visit.pass(12 * MINUTE);
    await visit.event('oriel-state', { state: 'signed-out' });
    expect(await visit.gadget().getByText('ann').count()).toBe(0);
    await visit.page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(await visit.page.locator('#one iframe').isVisible()).toBe(false);
  });

  it('shows its own text if the host has none', async () => {
    const visit = await opened();
    setup.host.user = null;
    await visit.pass(12 * MINUTE);
    await visit.gadget().getByRole('heading', { name: 'You’re signed out' }).waitFor();
    setup.host.user = 'ann';
    await visit.gadget().getByRole('button', { name: 'I’ve signed in' }).click();
    await visit.gadget().getByText('ann').waitFor();
  });

  it('is emptied and launched again when the host names someone else', async () => {
    const visit = await opened();
    setup.host.user = 'bob';
    await visit.pass(12 * MINUTE);
    await visit.gadget().getByText('bob').waitFor();
    expect(setup.oriel.asked.map(({ viewer }) => viewer.sub)).toEqual(['ann', 'bob']);
  });

  it('keeps its content while the host cannot answer, and drops it when it expires', async () => {
    const visit = await opened();
    setup.host.tokenAnswer = (response) => void response.writeHead(500).end();
    await visit.pass(12 * MINUTE);
    await expect.poll(questions).toBeGreaterThan(1);
    expect(await visit.gadget().getByText('ann', { exact: true }).count()).toBe(1);
    await visit.pass(4 * MINUTE);
    await visit.gadget().getByRole('heading', { name: 'This gadget was open for too long' }).waitFor();
    expect(await visit.gadget().getByText('ann').count()).toBe(0);
    setup.host.tokenAnswer = null;
    await visit.pass(MINUTE);
    await visit.gadget().getByText('ann').waitFor();
  });
});

describe('a frame that is looked at again', () => {
  it('asks the host at once who is there, and is fetched again', async () => {
    const visit = await opened();
    setup.oriel.render(() => fragment('<p>newer</p>'));
    await inFrame(visit, "document.dispatchEvent(new Event('visibilitychange'))");
    await visit.page.clock.runFor(100);
    await visit.gadget().getByText('newer').waitFor();
    expect(questions()).toBe(2);
  });

  it('shows another person’s data at once when someone else has signed in, however recent the content is', async () => {
    const visit = await opened();
    setup.host.user = 'bob';
    await inFrame(visit, "document.dispatchEvent(new Event('visibilitychange'))");
    await visit.page.clock.runFor(100);
    await visit.gadget().getByText('bob').waitFor();
    expect(await visit.gadget().getByText('ann').count()).toBe(0);
  });

  it('is empty at once when the browser restores it, until the host has named the viewer', async () => {
    const visit = await opened();
    let release = (): void => {};
    setup.host.tokenAnswer = (response) => {
      release = () => {
        setup.host.tokenAnswer = null;
        response.writeHead(500).end();
      };
    };
    const shown = await inFrame(
      visit,
      `(() => {
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
        return document.getElementById('oriel-content').textContent;
      })()`,
    );
    expect(shown).not.toContain('ann');
    await inFrame(visit, "document.dispatchEvent(new Event('visibilitychange'))");
    await visit.page.clock.runFor(1000);
    await expect.poll(questions).toBe(2);
    expect(await visit.gadget().getByText('ann').count()).toBe(0);
    release();
    await visit.pass(MINUTE);
    await visit.gadget().getByText('ann').waitFor();
  });

  it('keeps the last content while it is offline, and catches up when the network is back', async () => {
    const visit = await opened();
    await visit.context.setOffline(true);
    setup.oriel.render(() => fragment('<p>newer</p>'));
    await inFrame(visit, "document.dispatchEvent(new Event('visibilitychange'))");
    await visit.gadget().getByText('The server can’t be reached').waitFor();
    expect(await visit.gadget().getByText('ann', { exact: true }).count()).toBe(1);
    await visit.context.setOffline(false);
    await visit.gadget().getByText('newer').waitFor();
    expect(await visit.gadget().getByText('The server can’t be reached').count()).toBe(0);
  });

  it('keeps the focus and what was unfolded when its content changes', async () => {
    const html = (word: string) =>
      fragment(
        `<p>${word}</p><details id="more"><summary>More</summary><a href="https://x.test/7">Card 7</a></details>`,
      );
    setup.oriel.render(() => html('ann'));
    const visit = await opened();
    await visit.gadget().getByText('More').click();
    await visit.gadget().getByRole('link', { name: 'Card 7' }).focus();
    setup.oriel.render(() => html('newer'));
    await inFrame(visit, "document.dispatchEvent(new Event('visibilitychange'))");
    await visit.gadget().getByText('newer').waitFor();
    expect(await inFrame(visit, 'document.activeElement.textContent')).toBe('Card 7');
  });
});
