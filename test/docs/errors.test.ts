import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { STATUS } from '../../src/domain/errors.js';

const page = readFileSync('docs/errors.md', 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| .+ \| .+ \|$/gm)].map(([, code = '', status]) => [
  code,
  Number(status),
]);

it('The page of error codes has every code with its status, and no other', () => {
  expect(rows).toHaveLength(Object.keys(STATUS).length);
  expect(Object.fromEntries(rows)).toEqual(STATUS);
});

it('The page of error codes has every code that the host element can give', () => {
  const source = readFileSync('src/browser/embed/embedding.ts', 'utf8');
  const codes = [...source.matchAll(/^ {4}(\w+):/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(5);
  for (const code of codes) expect(page).toContain(`| \`${code}\` |`);
});

it('The page of error codes has every code with which a connection attempt can end', () => {
  const source = readFileSync('src/connect/consent/consent-failures.ts', 'utf8');
  const codes = [...source.matchAll(/(?:failed\(\s*|code: )'([a-z_]+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  for (const code of codes) expect(page).toMatch(new RegExp(`^\\| .*\`${code}\`.* \\|`, 'm'));
});

it('The page of error codes has every limit of a rendering', () => {
  const source = readFileSync('src/render/render-limits.ts', 'utf8');
  const [, codes = ''] = /type LimitCode =\s+([^;]+);/.exec(source) ?? [];
  const named = [...codes.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
  expect(named).toContain('rendering-too-slow');
  for (const code of named) expect(page).toContain(`| \`${code}\` |`);
});
