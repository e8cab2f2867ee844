import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium as playwright,
} from 'playwright-core';
import { BROWSER } from './suite-folder.js';

const INSTALLED = [
  process.env.CHROME_PATH,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The one that comes with the development dependencies, as the suite has unpacked it. */
export const ownChromium = (): string => process.env[BROWSER] ?? '';

const installedChrome = (): string | undefined =>
  INSTALLED.find((path) => path !== undefined && existsSync(path));

/** One for each worker, whose end is its end too: to start a browser takes as long as many a test. */
let shared: Promise<Browser> | null = null;

/** A browser as if it were one's own: to close it closes what was opened in it, and leaves the process to the next who asks. */
const lent = (browser: Browser): Browser => {
  const opened = new Set<BrowserContext>();
  return new Proxy(browser, {
    get(target, name) {
      if (name === 'close')
        return async () => void (await Promise.all([...opened].map((context) => context.close())));
      if (name === 'newContext')
        return async (options?: BrowserContextOptions) => {
          const context = await target.newContext(options);
          opened.add(context);
          context.once('close', () => opened.delete(context));
          return context;
        };
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
};

/** The browser of this worker; one that needs arguments of its own is started for it. */
export const launchBrowser = async (extraArguments: readonly string[] = []): Promise<Browser> => {
  if (extraArguments.length > 0) return startBrowser(extraArguments);
  shared ??= startBrowser([]);
  return lent(await shared);
};

/**
 * Starts an installed Chrome or Chromium, or the one that comes with the development dependencies. Every `*.test` name is this
 * machine, so that host and gadget live on different sites with names that look like names.
 */
const startBrowser = async (extraArguments: readonly string[]): Promise<Browser> =>
  playwright.launch({
    // Pages that were left are kept for Back, as in people's browsers.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    executablePath: installedChrome() ?? ownChromium(),
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
    // What turns or breathes is drawn sixty times a second for as long as its page is open, though nobody looks.
    reducedMotion: 'reduce',
    ...options,
  });
  // Before the test's own time is over: only so the error says which step waited, and for what.
  context.setDefaultTimeout(25_000);
  return context;
};
