import { afterEach, beforeEach, expect, it } from 'vitest';
import { fragment } from '../support/gadget-server.js';
import { signHostToken } from '../support/host-token.js';
import { HttpBrowser } from '../support/http-viewer.js';
import { type BrowserSetup, setUpBrowser } from './browser-setup.js';

let setup: BrowserSetup;
beforeEach(async () => {
  setup = await setUpBrowser();
});
afterEach(() => setup.close());

it('a gadget that a browser shows as a page of its own starts nothing (T8)', async () => {
  setup.oriel.render(() =>
    fragment('<button data-oriel-action="connect" data-oriel-provider="mingle">Connect</button>', {
      state: 'connect',
    }),
  );
  const { page } = await setup.visit();
  const address = `${setup.oriel.gadgetOrigin}/h/gocd/g/example`;
  const token = await signHostToken({ aud: setup.oriel.gadgetOrigin });
  // As a browser without fetch metadata would get it.
  const { headers, text } = await new HttpBrowser().send(address, { form: { token } });
  await page.route(address, (route) =>
    route.fulfill({ headers: headers as Record<string, string>, body: text, status: 200 }),
  );
  await page.goto(address);
  let windows = 0;
  page.on('popup', () => {
    windows += 1;
  });
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.waitForTimeout(500);
  expect(windows).toBe(0);
});
