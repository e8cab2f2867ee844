import { type ChildProcess, spawn } from 'node:child_process';
import type { BrowserContext } from 'playwright-core';
import { freePort, openFolder, type Started, start } from '../cli/command-line.js';
import { startMingle } from '../demo/mingle/start-mingle.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { snippet } from './markdown.js';
import { LIGHT, PICTURING } from './pictures.js';

const GUIDE = 'docs/five-minutes.md';

/** What the reader of the guide has in their folder, their terminals and their browser. */
export interface Guided {
  readonly mingle: string;
  readonly site: string;
  readonly wiki: string;
  readonly reader: BrowserContext;
  readonly folder: ReturnType<typeof openFolder>;
  /** A block of the guide, under the name in its first line, with the ports of this run. */
  block(name: string): string;
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
      const [link] = /http\S+\/admin\/setup\?token=[\w-]+/.exec(said) ?? [];
      if (link !== undefined) found(link);
    });
    void oriel.ended.then(({ out, err }) => missed(new Error(`no link was printed: ${out}${err}`)));
  });

/** Mingle as `npm run demo -- --mingle` starts it, an empty folder and a browser. Pictures show the ports that the guide names. */
export const beginGuide = async (): Promise<Guided> => {
  const [mingle, oriel, wiki] = PICTURING
    ? [8080, 3000, 4000]
    : [await freePort(), await freePort(), await freePort()];
  const at = (port: number): string => `http://localhost:${port}`;
  const application = await startMingle({ port: mingle, url: at(mingle) });
  const folder = openFolder();
  const browser = await launchBrowser();
  const running: ChildProcess[] = [];
  const block = (name: string): string =>
    snippet(GUIDE, name)
      .replaceAll('3000', `${oriel}`)
      .replaceAll('4000', `${wiki}`)
      .replaceAll('8080', `${mingle}`);
  return {
    mingle: at(mingle),
    site: at(oriel),
    wiki: at(wiki),
    reader: await newPerson(browser, LIGHT),
    folder,
    block,
    async serve() {
      const made = await start(['keys', 'new'], { cwd: folder.path }).ended;
      folder.write('oriel.key', made.out);
      const yaml = block('# oriel.yaml');
      // The guide's port is the one that Oriel listens on where nothing else is said.
      folder.write('oriel.yaml', PICTURING ? yaml : `${yaml}listen: { port: ${oriel} }\n`);
      const started = start(['serve'], { cwd: folder.path });
      running.push(started.child);
      return linkIn(started);
    },
    async serveWiki(secret) {
      const env = { PATH: process.env.PATH ?? '', ORIEL_HOST_SECRET: secret };
      const child = spawn(process.execPath, ['wiki.mjs'], { cwd: folder.path, env });
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
