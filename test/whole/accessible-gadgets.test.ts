import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserSetup, setUpBrowser } from '../browser/browser-setup.js';
import { faultsInEveryLook, NARROW, WIDE_LIGHT } from '../support/axe.js';
import { exampleGadget, fragment } from '../support/gadget-server.js';
import { everyObstacle } from '../views/support/every-page.js';
import { GADGETS, ourViews, sample } from '../views/support/our-views.js';

const views = ourViews();
const ofTheFrame = ['loading', 'waiting', 'signed-out', 'expired'];

/** Everything that a gadget can show, each as the product's own templates make it. */
const SHOWN: ReadonlyMap<string, string> = new Map([
  ...GADGETS.flatMap((id) =>
    ['sample', 'sample-empty', 'sample-long'].map((name): [string, string] => [
      `${id}-${name}`,
      views.content(sample(id, name)),
    ]),
  ),
  ...ofTheFrame.map((state): [string, string] => [state, views.page(`frame/states/${state}`, {})]),
  ...everyObstacle('Mingle').map((obstacle, index): [string, string] => [
    `${obstacle.state}-${index}`,
    views.state({
      gadget: exampleGadget,
      obstacle,
      providerName: 'Mingle',
      accountPage: 'https://mingle.example.com/oauth/user_tokens',
      locale: 'en',
    }),
  ]),
]);

const style = GADGETS.map((id) => `gadgets/${id}/style.css`)
  .filter((file) => existsSync(file))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

let setup: BrowserSetup;
beforeAll(async () => {
  setup = await setUpBrowser({ gadgets: [{ ...exampleGadget, style }] });
  const element = (id: string): string =>
    `<oriel-gadget id="${id}" host="gocd" gadget="example" project="${id}" token-url="/oriel-token"></oriel-gadget>`;
  setup.host.body = [
    ...[...SHOWN.keys()].map((id) => element(id)),
    '<oriel-gadget id="refused" host="gocd" gadget="example" token="nonsense"></oriel-gadget>',
    `<iframe title="relaunch" style="width: 100%" src="${setup.oriel.gadgetOrigin}/h/gocd/g/example/relaunch"></iframe>`,
  ].join('\n');
  setup.oriel.render(({ parameters }) =>
    fragment('', { body: Buffer.from(SHOWN.get(String(parameters.project)) ?? '') }),
  );
});
afterAll(() => setup.close());

describe('Gadgets', () => {
  it('have no fault that axe-core finds, in any state, in light and dark, wide and narrow', async () => {
    const { page } = await setup.visit(WIDE_LIGHT);
    const frames = () => page.frames().slice(1);
    await expect
      .poll(
        async () => {
          const titles = await Promise.all(frames().map((frame) => frame.title().catch(() => '')));
          return titles.filter((title) => title !== '').length;
        },
        { timeout: 20_000 },
      )
      .toBe(SHOWN.size + 2);
    for (const frame of frames()) {
      const unanswered = frame.locator('#oriel-unanswered');
      if (await unanswered.count()) await unanswered.waitFor();
    }
    expect(await faultsInEveryLook(frames(), NARROW.frame, (index) => index === 0)).toEqual([]);
  }, 120_000);
});
