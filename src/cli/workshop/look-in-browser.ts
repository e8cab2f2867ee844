import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NunjucksViews } from '../../views/nunjucks-views.js';
import { HttpServer } from '../../web/listening.js';
import { loadAssets } from '../../web/load-assets.js';
import type { TestFailure, TestPage } from './test-gadget.js';

/** Where browsers are that can be started without a window. */
const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** What is needed to look at pages with axe-core. */
export interface Looking {
  readonly browser: string;
  /** The source of axe-core. */
  readonly axe: string;
}

/** A sentence instead of what is needed, where it is not there. `given`: a browser that is named; from `folders` axe-core is looked for. */
export const findLooking = (
  given: string | undefined,
  folders: readonly string[],
): Looking | { readonly missing: string } => {
  const browser = [...(given === undefined ? USUAL_PLACES : [given])].find((each) => existsSync(each));
  if (browser === undefined)
    return {
      missing:
        given === undefined
          ? 'no Chromium, Chrome or Edge was found (name one with --browser)'
          : `there is no browser at ${given}`,
    };
  for (const folder of folders)
    try {
      const file = createRequire(join(folder, 'package.json')).resolve('axe-core/axe.min.js');
      return { browser, axe: readFileSync(file, 'utf8') };
    } catch {
      // Not there: the next.
    }
  return { missing: 'axe-core is not installed (npm install --save-dev axe-core)' };
};

const THEMES = ['light', 'dark'] as const;
const WIDTHS = [280, 900] as const;

interface Job {
  readonly page: number;
  readonly theme: string;
  readonly width: number;
}

/** What the browser reports of one page. */
interface Violation {
  readonly job: number;
  readonly rule: string;
  readonly html: string;
  readonly help: string;
}

/** Longer than the browser takes for a hundred pages; then something is wrong with it, ms. */
const PATIENCE = 180_000;
/** A browser that takes longer to end is killed, ms. */
const CLOSES_WITHIN = 5000;
const LOOPBACK = '127.0.0.1';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'";

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** The pages that a browser is started with: one document for each state, and the one that looks at them. */
class LookedAt {
  readonly #pages: readonly TestPage[];
  readonly #views: NunjucksViews;
  readonly #files: ReadonlyMap<string, string>;
  readonly jobs: readonly Job[];

  constructor(root: string, axe: string, pages: readonly TestPage[]) {
    this.#pages = pages;
    this.#views = new NunjucksViews({ templates: join(root, 'templates'), gadgets: [] });
    this.#files = new Map([
      ['/axe.js', axe],
      ['/look.js', readFileSync(join(root, 'dist', 'browser', 'workshop-look.js'), 'utf8')],
      ['/frame.css', loadAssets(root, () => [], '').content('frame.css')],
    ]);
    this.jobs = pages.flatMap((_, page) =>
      THEMES.flatMap((theme) => WIDTHS.map((width) => ({ page, theme, width }))),
    );
  }

  answer(path: string): { readonly type: string; readonly text: string } | null {
    if (path === '/')
      return {
        type: 'text/html',
        text: '<!doctype html><html lang="en"><title>Looking</title><script src="/look.js" defer></script></html>',
      };
    if (path === '/jobs') return { type: 'application/json', text: JSON.stringify(this.jobs) };
    const file = this.#files.get(path);
    if (file !== undefined)
      return { type: path.endsWith('.css') ? 'text/css' : 'text/javascript', text: file };
    const [, kind, number, theme] = /^\/(page|style)\/(\d+)(?:\/(light|dark))?$/.exec(path) ?? [];
    const page = this.#pages[Number(number)];
    if (page === undefined) return null;
    if (kind === 'style') return { type: 'text/css', text: page.style ?? '' };
    return { type: 'text/html', text: this.#document(page, Number(number), theme ?? 'light') };
  }

  #document({ html, locale, style }: TestPage, number: number, theme: string): string {
    const assets = {
      ...{ style: '/frame.css', script: '/axe.js' },
      gadgetStyle: style === null ? null : `/style/${number}`,
    };
    return this.#views
      .page('workshop/cell', { assets, theme, locale })
      .replace('<main id="oriel-content"></main>', () => `<main id="oriel-content">${html}</main>`);
  }
}

const startBrowser = (browser: string, address: string, profile: string): ChildProcess =>
  spawn(
    browser,
    [
      ...[
        '--headless',
        '--disable-gpu',
        '--no-first-run',
        '--disable-dev-shm-usage',
        '--remote-debugging-port=0',
      ],
      // The sandbox needs another user than root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      address,
    ],
    { stdio: 'ignore' },
  );

/** What was found out does not depend on it: a folder that cannot be removed yet stays in the system's folder for temporary files. */
const removeProfile = (folder: string): void => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
  }
};

/** Looks at every page with axe-core, light and dark, narrow and wide. Rejects with a sentence where the browser does not do it. */
export const lookAtPages = async (
  root: string,
  { browser, axe }: Looking,
  pages: readonly TestPage[],
): Promise<readonly TestFailure[]> => {
  const looked = new LookedAt(root, axe, pages);
  let report = (_: readonly Violation[]): void => undefined;
  let fail = (_: Error): void => undefined;
  const reported = new Promise<readonly Violation[]>((resolve, reject) => {
    report = resolve;
    fail = reject;
  });
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'POST') {
      report(JSON.parse(await bodyOf(request)) as readonly Violation[]);
      response.end();
      return;
    }
    const answer = looked.answer(request.url ?? '/');
    response.writeHead(answer === null ? 404 : 200, {
      'Content-Type': `${answer?.type ?? 'text/plain'}; charset=utf-8`,
      'Content-Security-Policy': POLICY,
    });
    response.end(answer?.text ?? '');
  };
  const server = new HttpServer((request, response) => void handle(request, response));
  const port = await server.listen(LOOPBACK, 0);
  const profile = mkdtempSync(join(tmpdir(), 'oriel-look-'));
  const child = startBrowser(browser, `http://${LOOPBACK}:${port}/`, profile);
  const late = setTimeout(() => fail(new Error('it did not finish within three minutes')), PATIENCE);
  child.once('error', (error) => fail(error));
  child.once('exit', (code) => fail(new Error(`it ended with ${code}`)));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const violations = await reported;
    return violations.map(({ job, rule, html, help }) => {
      const { page = 0, theme = '', width = 0 } = looked.jobs[job] ?? {};
      const name = `${pages[page]?.name}, ${theme}, ${width} px`;
      return { kind: 'accessibility', name, text: `${name}: ${rule}: ${help}\n    ${html}` };
    });
  } finally {
    clearTimeout(late);
    // Asked first: a browser that is killed leaves processes of its own, which go on writing to its profile for a moment.
    child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), CLOSES_WITHIN);
    await gone;
    clearTimeout(killed);
    await server.drain();
    removeProfile(profile);
  }
};
