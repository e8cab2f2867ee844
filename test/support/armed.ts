import type { BrowserContext, Page } from 'playwright-core';

/** Longer than a page keeps its buttons disabled, ms. */
const ARMED_AFTER = 800;

const withClock = new WeakSet<BrowserContext>();

/** Gives the pages of a person a clock that goes on as time does (from `time` on, epoch ms), and that `pressArmed` moves instead of waiting. */
export const installClock = async (context: BrowserContext, time?: number): Promise<void> => {
  await context.clock.install(time === undefined ? {} : { time });
  withClock.add(context);
};

/**
 * Presses a button that its page keeps disabled until it was looked at (T7), as a person does: with a pointer that moves, since a window
 * may get the focus only after its script has looked for it; and after that script has run, since a click in the moment in which it
 * disables the button is lost.
 */
export const pressArmed = async (page: Page, name: string | RegExp): Promise<void> => {
  const button = page.getByRole('button', { name, exact: typeof name === 'string' });
  await button.waitFor();
  await page.waitForLoadState();
  await page.mouse.move(10, 10);
  if (withClock.has(page.context())) await page.clock.runFor(ARMED_AFTER);
  await button.click();
};
