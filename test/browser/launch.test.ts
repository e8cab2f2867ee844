import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fragment } from '../support/gadget-server.js';
import { type BrowserSetup, setUpBrowser } from './browser-setup.js';

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpBrowser();
});
afterEach(() => setup.close());

describe('a host page with a gadget', () => {
  it('shows the viewer’s content, reports its state, and names the frame', async () => {
    const { gadget, event, page } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    expect(await event('oriel-state', { state: 'content' })).toMatchObject({ id: 'one' });
    expect(await page.locator('#one iframe').getAttribute('title')).toBe('example');
    expect(setup.host.questions).toEqual([{ gadget: 'example', params: { project: 'apollo' } }]);
    expect(setup.oriel.asked[0]?.parameters).toEqual({ project: 'apollo' });
  });

  it('keeps every secret out of addresses, storage, the document and the history', async () => {
    const { gadget, page, context, settled } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    await settled();
    const frame = page.frames()[1];
    expect(frame?.url()).toBe(`${setup.oriel.gadgetOrigin}/h/gocd/g/example/relaunch`);
    expect(await gadget().locator('#oriel-frame').count()).toBe(0);
    expect(await frame?.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate('history.length')).toBe(2);
  });

  it('follows the content’s height, growing and shrinking, and stays within bounds', async () => {
    const { gadget, frameHeight, event } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    const first = (await event('oriel-resize')).height;
    const resizeTo = (pixels: number): Promise<void> =>
      gadget()
        .locator('.who')
        .evaluate((element, size) => {
          (element as unknown as { style: { height: string } }).style.height = `${size}px`;
        }, pixels);
    await resizeTo(700);
    await expect.poll(frameHeight).toBeGreaterThan(700);
    await resizeTo(20);
    await expect.poll(frameHeight).toBeLessThanOrEqual((first ?? 0) + 20);
    await resizeTo(50_000);
    await expect.poll(frameHeight).toBe(10_000);
  });

  it('does not keep growing with content that depends on the window’s height', async () => {
    setup.oriel.render(() => fragment('<p class="who">ann</p>'));
    const { gadget, frameHeight, events } = await setup.visit();
    await gadget()
      .locator('.who')
      .evaluate((element) => {
        (element as unknown as { style: { height: string } }).style.height = 'calc(100vh + 10px)';
      });
    let last = 0;
    await expect
      .poll(
        async () => {
          const before = last;
          last = await frameHeight();
          return last - before;
        },
        { interval: 400, timeout: 15_000 },
      )
      .toBe(0);
    expect(last).toBeLessThan(5000);
    expect((await events()).filter(({ name }) => name === 'oriel-resize').length).toBeLessThan(60);
  });

  it('keeps a height that the page fixes', async () => {
    setup.host.body = setup.host.body.replace('id=', 'height="240" id=');
    const { gadget, frameHeight, events } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    expect(await frameHeight()).toBe(240);
    expect((await events()).some(({ name }) => name === 'oriel-resize')).toBe(false);
  });

  it('shows a skeleton when the content takes long, and then the content', async () => {
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    setup.oriel.render(async () => {
      await finished;
      return fragment('<p>at last</p>');
    });
    const { gadget, event } = await setup.visit();
    await gadget().locator('[data-oriel-state="loading"]').waitFor();
    finish();
    await gadget().getByText('at last').waitFor();
    await event('oriel-state', { state: 'content' });
    expect(setup.oriel.asked).toHaveLength(1);
  });

  it('launches again when an attribute changes, and only notifies the frame of a new theme', async () => {
    const { gadget, page, set, settled } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    await settled();
    await set('theme', 'dark');
    await gadget().locator('html[data-theme="dark"]').waitFor();
    expect(setup.oriel.asked).toHaveLength(1);
    await set('project', 'gemini');
    await expect.poll(() => setup.oriel.asked.at(-1)?.parameters).toEqual({ project: 'gemini' });
    await gadget().getByText('ann').waitFor();
    expect(await page.evaluate('history.length')).toBe(2);
  });

  it('runs once though the page loads the script twice, and leaves no global behind', async () => {
    const plain = await setup.visit();
    const globals = 'Object.getOwnPropertyNames(window).filter((name) => /oriel|gadget/i.test(name))';
    await plain.gadget().getByText('ann').waitFor();
    expect(await plain.page.evaluate(globals)).toEqual([]);
    await plain.page.addScriptTag({ url: `${setup.oriel.gadgetOrigin}/embed.js` });
    await plain.page.waitForTimeout(300);
    expect(setup.oriel.asked).toHaveLength(1);
  });
});
