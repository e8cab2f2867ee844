import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame, Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core holds against a page or the inside of a frame, one line for each rule. */
export const faultsOf = async (page: Page | Frame): Promise<readonly string[]> => {
  await page.evaluate(SOURCE);
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run({ iframes: false }).then(({ violations }) => violations)',
  );
  return violations.map(
    ({ id, impact, nodes: [first] }) =>
      `${id} (${impact}): ${first?.html.slice(0, 200)} ${first?.failureSummary.slice(0, 300)}`,
  );
};

/** Each way in which pages are looked at: theme, and width in CSS pixels. */
export const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [280, 1440].map((width) => ({ colorScheme, viewport: { width, height: 900 } })),
);
