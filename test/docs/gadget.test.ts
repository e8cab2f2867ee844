import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CatalogEntry, loadCatalog } from '../../src/gadgets/load-gadgets.js';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';
import { openFolder } from '../cli/command-line.js';
import { reading } from '../gadgets/reading.js';
import { htmlFaults } from '../views/support/html-faults.js';
import { snippet } from './markdown.js';

const GUIDE = 'docs/gadgets.md';
const folder = openFolder();
let entry: CatalogEntry;

beforeAll(async () => {
  mkdirSync(join(folder.path, 'open-issues'));
  for (const name of ['gadget.yaml', 'view.njk', 'style.css'])
    writeFileSync(join(folder.path, 'open-issues', name), snippet(GUIDE, name));
  const { entries, faults } = await loadCatalog([folder.path], reading);
  expect(faults).toEqual([]);
  const [first] = entries;
  if (first === undefined) throw new Error('no gadget was found');
  entry = first;
});
afterAll(() => folder.remove());

const shown = (items: readonly object[]): string =>
  new NunjucksViews({ templates: 'templates', gadgets: [entry] }).content({
    gadget: entry.gadget,
    parameters: { project: 'apollo', limit: 20 },
    answers: { issues: { data: { items } as never, fetchedAt: 0, stale: false, pages: 1, more: false } },
    unknown: {},
    missing: [],
    connected: [],
    locale: 'en-GB',
    timeZone: 'UTC',
    stale: false,
  });

it('The gadget of the guide is read without a mistake and shows what its provider answers', () => {
  const html = shown([
    { title: 'Save <drafts>', url: 'https://tracker.example/1', updated_at: '2026-03-01T10:00:00Z' },
  ]);
  expect(htmlFaults(html)).toEqual([]);
  expect(html).toContain('Save &lt;drafts&gt;</a>');
  expect(html).toContain('href="https://tracker.example/1"');
  expect(html).toContain('1 Mar 2026, 10:00');
  expect(shown([])).toContain('has no open issue that you may see.');
});
