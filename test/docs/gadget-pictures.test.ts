import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { type BundledGadget, bundledGadgets, framePage } from '../support/bundled-gadgets.js';
import { madeFromOf, palettePng } from './palette-png.js';
import { PICTURING } from './pictures.js';

const STYLES = 'templates/styles';
const FOLDER = 'docs/images';
const PREFIX = 'gadget-';
const GROUNDS = { light: '#e6eaf0', dark: '#2b333f' } as const;
const LAYOUT = `body { width: 1200px; margin: 0; font: 12px sans-serif }
  section { display: grid; grid-template-columns: 280px 900px; gap: 8px 20px; padding-bottom: 12px }
  iframe { display: block; border: 0 } .narrow { grid-row: span 2 } p { margin: 0; padding: 4px 0 }`;

/** The styles of every frame, as they were written: of what is built, each byte is the compiler's. */
const frameStyles = (): string =>
  readdirSync(STYLES)
    .filter((name) => name === 'base.css' || name.startsWith('frame.'))
    .sort()
    .map((name) => readFileSync(join(STYLES, name), 'utf8'))
    .join('\n');

const gadgets = await bundledGadgets();
const fileOf = (id: string): string => join(FOLDER, `${PREFIX}${id}.png`);
const stylesOf = ({ gadget }: BundledGadget): string => frameStyles() + (gadget.style ?? '');

/** Of everything that decides what a picture shows, but for the machine's fonts. */
const madeFrom = (each: BundledGadget): string =>
  createHash('sha256')
    .update(readFileSync(join(each.folder, 'golden', 'sample.html')))
    .update(stylesOf(each))
    .digest('hex');

let browser: Browser;
beforeAll(async () => {
  if (PICTURING) browser = await launchBrowser();
});
afterAll(async () => {
  if (PICTURING) await browser.close();
});

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** The usual sample at 280, 480 and 900 pixels, light above dark. */
const take = async (each: BundledGadget, page: Page): Promise<Buffer> => {
  const [sample] = each.samples.filter(({ name }) => name === 'sample.json');
  if (sample === undefined) throw new Error(`${each.gadget.id} has no sample.json`);
  const parts = (['light', 'dark'] as const).map((theme) => {
    const html = framePage(each.show(sample), sample.model.locale, theme, stylesOf(each));
    const cell = (width: number, name: string): string =>
      `<div class="${name}"><p>${width} px</p><iframe width="${width}" title="${theme}" srcdoc="${escaped(html)}"></iframe></div>`;
    const color = theme === 'light' ? '#566173' : '#a5afbf';
    return `<section style="background: ${GROUNDS[theme]}; color: ${color}">${cell(280, 'narrow')}${cell(900, 'wide')}${cell(480, 'middle')}</section>`;
  });
  await page.setContent(
    `<!doctype html><html lang="en"><title>${each.gadget.id}</title><style>${LAYOUT}</style>${parts.join('')}`,
  );
  await page.evaluate(
    "for (const each of document.querySelectorAll('iframe')) each.height = each.contentDocument.body.scrollHeight",
  );
  const shot = await page.screenshot({ fullPage: true, animations: 'disabled' });
  return palettePng(shot, madeFrom(each));
};

it.each(gadgets.map((each) => [each.gadget.id, each] as const))(
  'The picture of %s was taken of what the gadget shows now',
  async (id, each) => {
    if (PICTURING) {
      const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
      writeFileSync(fileOf(id), await take(each, page));
      await page.close();
    }
    const how = 'UPDATE_PICTURES=1 npx vitest run test/docs/gadget-pictures, and look at it';
    expect(existsSync(fileOf(id)), how).toBe(true);
    expect(madeFromOf(readFileSync(fileOf(id))), how).toBe(madeFrom(each));
  },
);

it('There is no picture of a gadget that there is not', () => {
  const found = readdirSync(FOLDER).filter((name) => name.startsWith(PREFIX));
  expect(found.toSorted()).toEqual(gadgets.map(({ gadget }) => `${PREFIX}${gadget.id}.png`).toSorted());
});
