import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FrameLocator, Page } from 'playwright-core';
import { pressArmed } from './armed.js';

export interface Demo {
  /** One page of each application, with gadgets in it. */
  readonly pages: Readonly<Record<'gocd' | 'mingle' | 'portal', string>>;
  close(): Promise<void>;
}

/** The demo as `npm run demo` starts it, on free ports unless a first one is given. */
export const startDemo = async (port = 0): Promise<Demo> => {
  const args = ['dist/demo/main.js', '--json', '--port-base', String(port)];
  const demo = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(demo.stdout, 'data');
  const { pages } = JSON.parse(String(line));
  return {
    pages,
    async close() {
      demo.kill('SIGTERM');
      await once(demo, 'exit');
    },
  };
};

/** Signs in where one of the applications asks for it. */
export const signIn = async (page: Page, name: string): Promise<void> => {
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[type="password"]').fill(name);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};

/** The frame of one of a page's gadgets; of the first one unless it is named. */
export const gadgetOf = (page: Page, gadget?: string): FrameLocator =>
  page
    .locator(gadget === undefined ? 'oriel-gadget' : `oriel-gadget[gadget="${gadget}"]`)
    .first()
    .frameLocator('iframe');

/** From Connect in a gadget over the provider, where this person signs in if need be, to Oriel's second question in its window. */
export const consent = async (page: Page, frame: FrameLocator, name: string): Promise<Page> => {
  const opening = page.waitForEvent('popup');
  await frame
    .getByRole('button', { name: /^Connect/ })
    .first()
    .click();
  const popup = await opening;
  await pressArmed(popup, /^Continue/);
  await popup.locator('input[autocomplete="username"], button[value="Yes"]').first().waitFor();
  if ((await popup.locator('button[value="Yes"]').count()) === 0) await signIn(popup, name);
  await popup.getByRole('button', { name: 'Yes' }).click();
  await popup.locator('button[data-oriel-arm]:enabled').first().waitFor();
  return popup;
};

/** The whole way: both questions answered with yes. */
export const connect = async (page: Page, frame: FrameLocator, name: string): Promise<void> =>
  pressArmed(await consent(page, frame, name), 'Connect');
