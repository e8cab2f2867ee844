import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BrowserSetup, GADGET, setUpBrowser, type Visit } from './browser-setup.js';

let setup: BrowserSetup;
let stranger: Server;
let strangerUrl: string;
beforeEach(async () => {
  setup = await setUpBrowser();
  stranger = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>Stranger</title><script>
      for (const message of [{ type: 'relaunch', asked: true }, { type: 'renew', id: 'x' }, { type: 'resize', height: 4321 }, { type: 'error', code: 'fooled' }])
        parent.postMessage({ oriel: 1, ...message }, '*');
    </script>`);
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  await setup.close();
  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
});

const opened = async (): Promise<Visit> => {
  const visit = await setup.visit();
  await visit.gadget().getByText('ann', { exact: true }).waitFor();
  await visit.settled();
  return visit;
};
/** Runs in the page, with the gadget's window as `gadget`. */
const withGadget = (visit: Visit, script: string): Promise<unknown> =>
  visit.page.evaluate(
    `(() => { const gadget = document.getElementById('one').shadowRoot.querySelector('iframe'); ${script} })()`,
  );
const settle = (visit: Visit): Promise<void> => visit.page.waitForTimeout(300);

describe('the host element', () => {
  it('ignores a foreign page, even in its own frame', async () => {
    const visit = await opened();
    await withGadget(visit, `gadget.src = ${JSON.stringify(strangerUrl)};`);
    await expect.poll(() => visit.page.frames()[1]?.title()).toBe('Stranger');
    await settle(visit);
    expect(setup.oriel.asked).toHaveLength(1);
    expect(
      (await visit.events()).filter(({ code, height }) => code !== undefined || height === 4321),
    ).toEqual([]);
  });

  it('ignores another window of the gadget origin', async () => {
    const visit = await opened();
    const address = `${setup.oriel.gadgetOrigin}/h/gocd/g/example/relaunch`;
    await withGadget(
      visit,
      `const other = document.createElement('iframe');
      other.src = ${JSON.stringify(address)};
      document.body.append(other);`,
    );
    await visit.page.frameLocator('body > iframe').getByRole('heading').waitFor();
    expect(setup.oriel.asked).toHaveLength(1);
  });

  it('ignores what is not a message of this version', async () => {
    const visit = await opened();
    const bad = [null, 7, 'relaunch', {}, { oriel: 2, type: 'relaunch' }, { type: 'relaunch' }];
    const forged = ['1', null, 'NaN', 'Infinity', '1e400'];
    const script = `
      for (const message of ${JSON.stringify(bad)}) parent.postMessage(message, '*');
      for (const height of [${forged.join(',')}]) parent.postMessage({ oriel: 1, type: 'resize', height }, '*');`;
    await visit.page.frames()[1]?.evaluate(`(() => { ${script} })()`);
    // The frame's own reports may come before and after; none of all is what a page could not show.
    const heights = async () =>
      (await visit.events()).flatMap(({ height }) => (height === undefined ? [] : [height]));
    await expect.poll(heights).toContain(40);
    await settle(visit);
    expect(setup.oriel.asked).toHaveLength(1);
    expect((await heights()).filter((height) => !(Number(height) >= 40 && Number(height) <= 10_000))).toEqual(
      [],
    );
  });

  it('gives its token to the gadget origin alone', async () => {
    setup.host.tokenAnswer = null;
    const visit = await opened();
    await withGadget(visit, `gadget.src = ${JSON.stringify(strangerUrl)};`);
    await expect.poll(() => visit.page.frames()[1]?.title()).toBe('Stranger');
    await settle(visit);
    expect(setup.host.questions).toHaveLength(1);
  });
});

describe('a frame', () => {
  it('accepts messages from its parent, and from no other window of the host', async () => {
    const visit = await opened();
    const send = `postMessage({ oriel: 1, type: 'theme', theme: 'dark' }, '*')`;
    await withGadget(
      visit,
      `const other = document.createElement('iframe');
      document.body.append(other);
      other.contentWindow.gadget = gadget.contentWindow;
      other.contentWindow.eval("gadget.${send}");`,
    );
    await settle(visit);
    expect(await visit.gadget().locator('html').getAttribute('data-theme')).toBe('light');
    await withGadget(visit, `gadget.contentWindow.${send}`);
    await visit.gadget().locator('html[data-theme="dark"]').waitFor();
  });

  it('sends only “look again” to the other frames of its site', async () => {
    setup.host.body = GADGET + GADGET.replace('id="one"', 'id="two"');
    const visit = await opened();
    await visit.gadget('two').getByText('ann', { exact: true }).waitFor();
    await visit.settled('two');
    const before = setup.oriel.asked.length;
    const [, one] = visit.page.frames();
    await one?.evaluate(`(() => {
      const channel = new BroadcastChannel('oriel');
      for (let times = 0; times < 50; times += 1) channel.postMessage({ oriel: 1, type: 'look-again' });
      channel.postMessage({ oriel: 1, type: 'relaunch' });
    })()`);
    await expect.poll(() => setup.oriel.asked.length).toBe(before + 2);
    await settle(visit);
    expect(setup.oriel.asked).toHaveLength(before + 2);
  });
});
