import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LIGHTS } from '../../src/admin/providers/dry-run/line.js';

const page = readFileSync('docs/providers.md', 'utf8');

it('The guide to providers has every line of the dry run with its light, and no other', () => {
  const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| (green|yellow|red) \| .+ \|$/gm)];
  const documented = rows.flatMap(([, codes = '', light]) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => [code, light] as const),
  );
  expect(documented).toHaveLength(Object.keys(LIGHTS).length);
  expect(Object.fromEntries(documented)).toEqual(LIGHTS);
});

it('Every line of the dry run that is not green says what to do', () => {
  const rows = [...page.matchAll(/^\| `\w+`.* \| (?:yellow|red) \| .+ \| (.*) \|$/gm)];
  expect(rows.length).toBeGreaterThan(40);
  for (const [row, fix = ''] of rows) expect(fix.trim(), row).not.toBe('');
});
