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
const images = readdirSync('docs/images').filter((name) => name.endsWith('.png'));
const charts = readdirSync('docs/images').filter((name) => !name.endsWith('.png'));

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

it.each(charts)(
  'The chart %s is in a document, small, says what it shows and is drawn for light and dark',
  (chart) => {
    expect(text).toContain(`images/${chart}`);
    expect(chart).toMatch(/\.svg$/);
    const svg = readFileSync(join('docs/images', chart), 'utf8');
    expect(svg.length).toBeLessThan(150_000);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toMatch(/ role="img" aria-label="[^"]{20,}"/);
  },
);

it('Every picture says in words what it shows', () => {
  const shown = [...text.matchAll(/!\[([^\]]*)\]\([^)]*images\/|<img [^>]*alt="([^"]*)"/g)];
  expect(shown.length).toBeGreaterThan(images.length - 1);
  for (const [, markdown, html] of shown) expect((markdown ?? html ?? '').length).toBeGreaterThan(20);
});
