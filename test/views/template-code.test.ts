import { expect, it } from 'vitest';
import { BuiltTemplates, buildTemplates } from '../../src/views/template-code.js';

it('A template that the build compiled is used for the very text it was compiled from, and for no other', () => {
  const built = new BuiltTemplates(
    JSON.stringify(buildTemplates(new Map([['page.njk', 'Hello {{ name }}']]))),
  );
  expect(built.get('page.njk', 'Hello {{ name }}')).toContain('function root(');
  expect(built.get('page.njk', 'Goodbye {{ name }}')).toBeUndefined();
  expect(built.has('page.njk', 'Hello {{ name }}')).toBe(true);
  expect(built.has('page.njk', 'Goodbye {{ name }}')).toBe(false);
  expect(built.get('other.njk', 'Hello {{ name }}')).toBeUndefined();
});

it('Where nothing was built, nothing is known', () => {
  expect(new BuiltTemplates(null).get('page.njk', '')).toBeUndefined();
});
