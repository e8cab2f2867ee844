import type { Page } from 'playwright-core';

/** Whether the pictures of the documents are taken again: `UPDATE_PICTURES=1 npx vitest run test/docs`. */
export const PICTURING = process.env.UPDATE_PICTURES === '1';

/** How every picture is taken: light, as wide as a document shows it. */
export const LIGHT = { viewport: { width: 1000, height: 700 }, colorScheme: 'light' } as const;

interface DocumentLike {
  readonly activeElement: { blur(): void } | null;
}

/** Takes a picture for `docs/images`: the top of the page, so high. */
export const picture = async (page: Page, name: string, height: number): Promise<void> => {
  if (!PICTURING) return;
  const before = page.viewportSize() ?? LIGHT.viewport;
  await page.setViewportSize({ width: before.width, height });
  await page.evaluate(() => {
    const { document, scrollTo } = globalThis as unknown as {
      document: DocumentLike;
      scrollTo(x: number, y: number): void;
    };
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  await page.screenshot({ path: `docs/images/${name}.png`, animations: 'disabled', caret: 'hide' });
  await page.setViewportSize(before);
};
