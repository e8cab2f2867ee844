import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const pages = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const text = pages.map((page) => readFileSync(page, 'utf8')).join('\n');
const images = readdirSync('docs/images');

/** Pixels, as a PNG says in its first chunk. */
const widthOf = (png: Buffer): number => {
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  return png.readUInt32BE(16);
};

it.each(images)('The picture %s is in a document, and small enough to be looked at', (image) => {
  expect(text).toContain(`images/${image}`);
  const png = readFileSync(join('docs/images', image));
  expect(png.length).toBeLessThan(150_000);
  expect(widthOf(png)).toBeLessThanOrEqual(1200);
});

it('Every picture says in words what it shows', () => {
  const shown = [...text.matchAll(/!\[([^\]]*)\]\([^)]*images\/|<img [^>]*alt="([^"]*)"/g)];
  expect(shown.length).toBeGreaterThan(images.length - 1);
  for (const [, markdown, html] of shown) expect((markdown ?? html ?? '').length).toBeGreaterThan(20);
});
