import type { FrameLocator, Page } from 'playwright-core';
import { type BrowserSetup, GADGET, setUpBrowser } from './browser-setup.js';

export type Level = 'good' | 'warning' | 'problem' | 'unchecked';

/** The doctor's report, line by line. */
export type Report = Readonly<Record<string, { readonly level: Level; readonly text: string }>>;

export const DOCTOR = GADGET.replace('<oriel-gadget', '<oriel-gadget doctor');

/** Waits for the report of the page's doctor; fails where a line that is not good does not say what to do. */
export const reportOf = async (page: Page | FrameLocator): Promise<Report> => {
  const lines = page.locator('[data-line]');
  await lines.first().waitFor({ timeout: 25_000 });
  const read = await lines.evaluateAll((items) =>
    (items as unknown as { dataset: { line: string; level: string }; textContent: string }[]).map(
      ({ dataset, textContent }) => [dataset.line, { level: dataset.level, text: textContent }] as const,
    ),
  );
  for (const [line, { level, text }] of read)
    if (level !== 'good' && !text.includes('To fix this: ')) throw new Error(`no fix for ${line}: ${text}`);
  return Object.fromEntries(read) as Report;
};

/** The lines that are not good. */
export const faultsIn = (report: Report): Readonly<Record<string, Level>> =>
  Object.fromEntries(
    Object.entries(report).flatMap(([id, { level }]) => (level === 'good' ? [] : [[id, level]])),
  );

/** A host page with a doctor, over TLS and under names where `named`. */
export const setUpDoctor = async (named = false): Promise<BrowserSetup> => {
  const setup = await setUpBrowser({ named });
  setup.host.body = DOCTOR;
  setup.host.tokenAnswer = null;
  return setup;
};
