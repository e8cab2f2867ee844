import type { Page } from 'playwright-core';

type Role = 'button' | 'link' | 'textbox' | 'checkbox' | 'radio';

const isReached = (page: Page, role: Role, name: string): Promise<number> =>
  page.getByRole(role, { name, exact: true }).and(page.locator(':focus')).count();

/** Tabs until something is reached that has this name, and leaves the focus there. */
export const reach = async (page: Page, role: Role, name: string): Promise<void> => {
  for (let tabs = 0; tabs < 120; tabs += 1) {
    if ((await isReached(page, role, name)) > 0) return;
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
export const press = async (page: Page, role: Role, name: string, key = 'Enter'): Promise<void> => {
  await reach(page, role, name);
  await page.keyboard.press(key);
};
