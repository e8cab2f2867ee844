import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The names in a source, and the beginnings of names. The element's script and the server share no code. */
const reservedIn = (source: string): readonly (string | undefined)[] => {
  const text = readFileSync(source, 'utf8');
  const [, names = ''] = /RESERVED = new Set\(([^)]+)\)\.split/.exec(text) ?? [];
  const [prefixes] = /\^\(data-[^)]*\)/.exec(text) ?? [];
  return [...names.matchAll(/[a-z-]+/g)].map(([name]) => name).concat(prefixes ?? '');
};

it('No gadget can name a parameter like an attribute that the element keeps for itself', () => {
  const kept = reservedIn('src/browser/embed/attributes.ts');
  expect(kept).toEqual(expect.arrayContaining(['token-url', 'popover', '^(data-|aria-|on)']));
  expect(reservedIn('src/gadgets/manifest-checks.ts')).toEqual(kept);
});
