import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { freePort, openFolder, type Started, start } from '../cli/command-line.js';
import { startMingle } from '../demo/mingle/start-mingle.js';
import { pressArmed } from '../support/armed.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { snippet } from './markdown.js';
import { LIGHT, PICTURING } from './pictures.js';

const GUIDE = 'docs/five-minutes.md';

/** Where the guide has Mingle, Oriel and the wiki. */
const PORTS = [8080, 3000, 4000];

/** What the reader of the guide has in their folder, their terminals and their browser. */
export interface Guided {
  readonly mingle: string;
  readonly site: string;
  readonly wiki: string;
  readonly reader: BrowserContext;
  /** `my-oriel`, which the guide makes beside the clone. */
  readonly home: string;
  /** A block of the guide, under the name in its first line, with the ports of this run. */
  block(name: string): string;
  /** Saves a text in `home`. */
  save(name: string, text: string): void;
  /** `oriel serve`, and the link that it prints. */
  serve(): Promise<string>;
  /** `node wiki.mjs` */
  serveWiki(secret: string): Promise<void>;
  close(): Promise<void>;
}

const linkIn = (oriel: Started): Promise<string> =>
  new Promise((found, missed) => {
    let said = '';
    oriel.child.stderr?.on('data', (text: string) => {
      said += text;
      const [link] = /http\S+\/admin\/setup#[\w-]+/.exec(said) ?? [];
      if (link !== undefined) found(link);
    });
    void oriel.ended.then(({ out, err }) => missed(new Error(`no link was printed: ${out}${err}`)));
  });

/** A client of Mingle as its administrator registers it there, in a tab of its own. */
export const registerAtMingle = async ({
  reader,
  mingle,
  site,
}: Guided): Promise<{ readonly id: string; readonly secret: string }> => {
  const tab = await reader.newPage();
  await tab.goto(`${mingle}/oauth/clients`);
  await tab.locator('input[name="user[login]"]').fill('admin');
  await tab.locator('input[name="user[password]"]').fill('admin');
  await tab.getByRole('button', { name: 'Sign in' }).click();
  await tab.getByRole('link', { name: 'Add client' }).click();
  await tab.getByLabel('Name').fill('Oriel');
  await tab.getByLabel('Redirect URI').fill(`${site}/connect/callback/mingle`);
  await tab.getByRole('button', { name: 'Submit' }).click();
  const [id = '', made = ''] = await tab.locator('.credentials code').allTextContents();
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await tab.close();
  return { id, secret: made };
};

/** Goes through the consent that a gadget's window asks for, as ann, who is not signed in to Mingle yet. */
export const consentAtMingle = async (popup: Page): Promise<void> => {
  await pressArmed(popup, /^Continue/);
  await popup.locator('input[name="user[login]"]').fill('ann');
  await popup.locator('input[name="user[password]"]').fill('ann');
  await popup.getByRole('button', { name: 'Sign in' }).click();
  await popup.getByRole('button', { name: 'Yes' }).click();
  await pressArmed(popup, 'Connect');
};

/** Mingle as `npm run demo -- --mingle` starts it, an empty folder and a browser. Pictures show the ports that the guide names. */
export const beginGuide = async (): Promise<Guided> => {
  const ports = PICTURING ? PORTS : [await freePort(), await freePort(), await freePort()];
  const [mingle = 0, oriel = 0, wiki = 0] = ports;
  const at = (port: number): string => `http://localhost:${port}`;
  const application = await startMingle({ port: mingle, url: at(mingle) });
  const folder = openFolder();
  const home = join(folder.path, 'my-oriel');
  const browser = await launchBrowser();
  const running: ChildProcess[] = [];
  const block = (name: string): string =>
    snippet(GUIDE, name).replace(/\b(8080|3000|4000)\b/g, (port) => `${ports[PORTS.indexOf(Number(port))]}`);
  const save = (name: string, text: string): void => writeFileSync(join(home, name), text);
  return {
    mingle: at(mingle),
    site: at(oriel),
    wiki: at(wiki),
    reader: await newPerson(browser, LIGHT),
    home,
    block,
    save,
    async serve() {
      const clone = join(folder.path, 'oriel');
      mkdirSync(clone);
      symlinkSync(resolve('dist'), join(clone, 'dist'));
      execFileSync('sh', ['-e', '-c', block('alias oriel=')], { cwd: clone, stdio: 'pipe' });
      const yaml = block('# oriel.yaml');
      // The guide's port is the one that Oriel listens on where nothing else is said.
      save('oriel.yaml', PICTURING ? yaml : `${yaml}listen: { port: ${oriel} }\n`);
      const started = start(['serve'], { cwd: home });
      running.push(started.child);
      return linkIn(started);
    },
    async serveWiki(secret) {
      const env = { PATH: process.env.PATH ?? '', ORIEL_HOST_SECRET: secret };
      const child = spawn(process.execPath, ['wiki.mjs'], { cwd: home, env });
      running.push(child);
      await new Promise<void>((ready, failed) => {
        child.stdout.once('data', () => ready());
        child.once('close', () => failed(new Error('wiki.mjs has ended')));
      });
    },
    async close() {
      await browser.close();
      for (const child of running) child.kill('SIGTERM');
      await application.close();
      folder.remove();
    },
  };
};
