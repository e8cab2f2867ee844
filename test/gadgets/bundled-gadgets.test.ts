import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compareGoldens } from '../../src/cli/workshop/test-gadget.js';
import { bundledGadgets } from '../support/bundled-gadgets.js';

const SAMPLES = ['', '-empty', '-hostile', '-long', '-right-to-left'].map((end) => `sample${end}.json`);
const LONG = 'sample-long.json';
/** Of one sample's HTML, bytes. */
const MOST_HTML = 30_000;
/** Of styles and script together, compressed, bytes. */
const MOST_ASSETS = 15 * 1024;
/** A row with the most that a view says of one thing, bytes. */
const MOST_OF_A_ROW = 3200;

const languages = readdirSync('templates/messages');
const gadgets = await bundledGadgets();

it('The folders of gadgets are the gadgets that come with Oriel', () => {
  expect(gadgets.map(({ gadget }) => gadget.id).toSorted()).toEqual(readdirSync('gadgets').toSorted());
});

describe.each(gadgets.map((each) => [each.gadget.id, each] as const))(
  'The gadget %s',
  (id, { gadget, folder, samples, show }) => {
    it('has samples of what is usual, empty, long, hostile, and read from right to left', () => {
      expect(samples.map(({ name }) => name)).toEqual(expect.arrayContaining(SAMPLES));
      const mirrored = samples.find(({ name }) => name === 'sample-right-to-left.json');
      expect(mirrored?.model.locale).toBe('ar');
      expect(JSON.stringify(mirrored?.model.answers)).toMatch(/[\u0590-\u06ff]{3}/);
    });

    it('has its texts in every language', () => {
      expect(readdirSync(join(folder, 'texts')).toSorted()).toEqual(languages.toSorted());
    });

    it('shows its samples as their goldens say', () => {
      const shown = samples.map((sample) => ({ name: sample.name, html: show(sample) }));
      const { failures } = compareGoldens(folder, shown, false);
      const how = `If it is meant to: node esbuild.config.mjs && node dist/main.js gadget test gadgets/${id} --update --no-browser, and look at it.`;
      expect(failures.map(({ text }) => text).join('\n'), how).toBe('');
    });

    it('takes less than 30 KB of HTML, or of as many rows as it shows at most', () => {
      for (const sample of samples) {
        const html = show(sample);
        const rows = html.match(/class="oriel-row"|<tr role="row"/g)?.length ?? 0;
        const most = sample.name === LONG ? Math.max(MOST_HTML, rows * MOST_OF_A_ROW) : MOST_HTML;
        expect(Buffer.byteLength(html), sample.name).toBeLessThan(most);
        const { limit, pages } = sample.model.parameters;
        const bound = Number(limit ?? 0) * Number(pages ?? 1);
        if (sample.name === LONG && limit !== undefined) expect(rows).toBeLessThanOrEqual(bound + 1);
      }
    });

    it('takes less than 15 KB of styles and script, compressed', () => {
      const styles = Buffer.concat([readFileSync('dist/browser/frame.css'), Buffer.from(gadget.style ?? '')]);
      const script = readFileSync('dist/browser/frame.js');
      expect(gzipSync(styles).length + gzipSync(script).length).toBeLessThan(MOST_ASSETS);
    });
  },
);
