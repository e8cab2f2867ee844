import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { PIECE_EXAMPLES } from '../views/support/piece-examples.js';
import { exampleData, exampleView, pieces } from '../views/support/pieces.js';
import { marked, openGadget, within } from '../views/support/try-gadget.js';
import { PICTURING } from './pictures.js';

const STYLES = 'templates/styles';
const FOLDER = 'docs/images';
const fileOf = (name: string): string => `piece-${name}.png`;

/** The frame's styles, its tabs, and what stands around a picture. */
const css = readdirSync(STYLES)
  .filter((name) => name === 'base.css' || name.startsWith('frame.'))
  .sort()
  .map((name) => readFileSync(join(STYLES, name), 'utf8'))
  .join('\n');
const script = buildSync({
  stdin: {
    contents: `import { tabs } from './src/browser/frame/stage.ts';
      import { images } from './src/browser/frame/images.ts';
      tabs(() => {})(document.body);
      const landscape = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path fill="#8ec5f0" d="M0 0h16v9H0z"/><circle cx="12" cy="2.5" r="1.2" fill="#fff3b0"/><path fill="#3d7a52" d="m0 9 5-6 4 4 2-2 5 4z"/></svg>';
      images({ image: async () => new Blob([landscape], { type: 'image/svg+xml' }) })(document.body);`,
    resolveDir: '.',
  },
  bundle: true,
  write: false,
  format: 'iife',
}).outputFiles[0]?.text;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
const side = (theme: string, html: string): string =>
  `<iframe title="${theme}" srcdoc="${escaped(
    `<!doctype html><html lang="en" data-theme="${theme}"><style>${css}</style><body class="frame"><div class="oriel-content">${html}</div><script>${script}</script></body></html>`,
  )}"></iframe>`;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const show = openGadget({
  'view.njk': marked(
    `{% set which = answers.which.data %}${Object.keys(PIECE_EXAMPLES)
      .map((name) => `{% if which == "${name}" %}${exampleView([name])}{% endif %}`)
      .join('')}`,
  ),
});

it.each(pieces().map(({ name }) => name))(
  'The piece %s has a picture, light and dark side by side',
  async (name) => {
    if (PICTURING) {
      const html = within(show({ ...exampleData(), which: name }, {}, () => '/frame/images/0'));
      const page = await browser.newPage({ viewport: { width: 960, height: 900 } });
      await page.setContent(
        `<!doctype html><html lang="en"><title>${name}</title><style>body { display: flex; margin: 0 } iframe { width: 480px; border: 0 }</style>${side('light', html)}${side('dark', html)}`,
      );
      const heights = await Promise.all(
        page
          .frames()
          .slice(1)
          .map((frame) => frame.evaluate<number>('document.body.scrollHeight')),
      );
      const height = Math.max(...heights);
      await page.addStyleTag({ content: `iframe { height: ${height}px }` });
      await page.setViewportSize({ width: 960, height });
      if (html.includes('data-oriel-image'))
        for (const frame of page.frames().slice(1)) await frame.locator('[data-oriel-image] img').waitFor();
      await page.screenshot({ path: join(FOLDER, fileOf(name)), animations: 'disabled' });
      await page.close();
    }
    expect(readdirSync(FOLDER)).toContain(fileOf(name));
  },
);

it('There is no picture of a piece that there is not', () => {
  const found = readdirSync(FOLDER).filter((name) => name.startsWith('piece-'));
  expect(found.toSorted()).toEqual(
    pieces()
      .map(({ name }) => fileOf(name))
      .toSorted(),
  );
});
