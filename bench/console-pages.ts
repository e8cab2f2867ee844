import { start } from '../test/cli/command-line.js';
import { HttpBrowser, redirectOf } from '../test/support/http-viewer.js';
import type { Bench } from './bench.js';
import type { Setting } from './setting.js';

const PASSWORD = 'four words in a row';
/** Each page is asked for so many times. */
const LOOKS = 5;

/** The pages of the console that show what is stored, or count it. */
const PAGES = [
  '/admin',
  '/admin/connections',
  '/admin/connections?status=active',
  '/admin/connections?provider=mingle&host=bench',
  '/admin/providers',
  '/admin/providers/mingle',
  '/admin/hosts',
  '/admin/hosts/bench',
  '/admin/administrators',
  '/admin/api-keys',
  '/admin/audit',
  '/admin/server',
  '/admin/bulk-disconnects',
] as const;

/** Milliseconds that a page took. */
export interface PageTime {
  readonly page: string;
  /** The first time since the server started. */
  readonly first: number;
  readonly usual: number;
}

/** Signs the first administrator in who was ever invited. */
const administrator = async (setting: Setting): Promise<HttpBrowser> => {
  const { out, err } = await start(['admin', 'invite', '--config', setting.config], {
    cwd: setting.folder,
  }).ended;
  const [link] = /http\S+#\S+/.exec(out) ?? [];
  if (link === undefined) throw new Error(`no administrator was invited: ${out}${err}`);
  const browser = new HttpBrowser();
  const send = (path: string, form: Readonly<Record<string, string>>) =>
    browser.send(setting.siteOrigin + path, { origin: setting.siteOrigin, form });
  const token = new URL(link).hash.slice(1);
  await send('/admin/setup', { token, name: 'ann', password: PASSWORD, again: PASSWORD });
  redirectOf(await send('/admin/sign-in', { name: 'ann', password: PASSWORD }), setting.siteOrigin);
  return browser;
};

/** Looks at every page of the console of a server that was just started on this store. The first time, an administrator is made. */
export const lookAtConsole = async (
  bench: Bench,
  setting: Setting,
  known?: HttpBrowser,
): Promise<{ readonly browser: HttpBrowser; readonly times: readonly PageTime[] }> => {
  const server = await bench.start(setting);
  try {
    const browser = known ?? (await administrator(setting));
    const times: PageTime[] = [];
    for (const page of PAGES) {
      const looks: number[] = [];
      for (let look = 0; look < LOOKS; look += 1) {
        const before = performance.now();
        const { status, text } = await browser.send(setting.siteOrigin + page);
        looks.push(performance.now() - before);
        if (status !== 200) throw new Error(`${page}: ${status} ${text.slice(0, 400)}`);
      }
      const [first = 0, ...others] = looks;
      const sorted = others.sort((a, b) => a - b);
      times.push({ page, first, usual: sorted[sorted.length >> 1] ?? 0 });
    }
    return { browser, times };
  } finally {
    await server.stop();
  }
};
