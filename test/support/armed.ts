import type { Page } from 'playwright-core';

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
  await button.click();
};
