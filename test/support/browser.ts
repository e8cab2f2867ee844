import { existsSync } from 'node:fs';
import chromium from '@sparticuz/chromium';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium as playwright,
} from 'playwright-core';

const INSTALLED = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const installedChrome = (): string | undefined =>
  INSTALLED.find((path) => path !== undefined && existsSync(path));

/**
 * Starts an installed Chrome or Chromium, or the one that comes with the development dependencies. Every `*.test` name is this
 * machine, so that host and gadget live on different sites with names that look like names.
 */
export const launchBrowser = async (extraArguments: readonly string[] = []): Promise<Browser> =>
  playwright.launch({
    // Pages that were left are kept for Back, as in people's browsers.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    executablePath: installedChrome() ?? (await chromium.executablePath()),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      ...extraArguments,
    ],
  });

/** A person with a browser of their own: no cookie, no storage of another's. */
export const newPerson = async (
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> => {
  const context = await browser.newContext({
    ...{ ignoreHTTPSErrors: true, locale: 'en-GB', timezoneId: 'UTC' },
    ...options,
  });
  // Before the test's own time is over: only so it is told which step waited, and for what.
  context.setDefaultTimeout(25_000);
  return context;
};
