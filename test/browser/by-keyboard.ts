import type { Locator, Page } from 'playwright-core';

type Role = 'button' | 'link' | 'textbox' | 'checkbox' | 'radio' | 'combobox';

const wanted = (page: Page, role: Role, name: string | RegExp): Locator =>
  page.getByRole(role, { name, exact: typeof name === 'string' });

/** Waits until there is something that has this name, tabs until it is reached, and leaves the focus there. */
export const reach = async (page: Page, role: Role, name: string | RegExp): Promise<void> => {
  const target = wanted(page, role, name);
  await target.first().waitFor();
  for (let tabs = 0; tabs < 120; tabs += 1) {
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${role} ${name} was not reached on ${page.url()}`);
};

/** Reaches a field and types over what stands in it. */
export const type = async (page: Page, name: string, text: string): Promise<void> => {
  await reach(page, 'textbox', name);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
};

/** Reaches something and presses a key on it. */
export const press = async (page: Page, role: Role, name: string | RegExp, key = 'Enter'): Promise<void> => {
  await reach(page, role, name);
  await page.keyboard.press(key);
};

/** Waits for the page with this heading, to its end. */
export const at = async (page: Page, heading: string | RegExp): Promise<void> => {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await page.waitForLoadState();
};
