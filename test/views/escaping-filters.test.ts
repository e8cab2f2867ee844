import nunjucks from 'nunjucks';
import { describe, expect, it } from 'vitest';
import { addFilters } from '../../src/views/filters/all.js';
import { render } from './support/try-template.js';

/*
 * A gadget's view may use every filter, those of the pieces too, with whatever a provider answered as any argument.
 */

const environment = new nunjucks.Environment();
addFilters(environment);
const OWN: readonly string[] = Object.keys(
  (environment as unknown as { readonly filters: Readonly<Record<string, unknown>> }).filters,
);
/** Meant for markup that is escaped elsewhere, and refused in gadgets. */
const REFUSED = ['safe'];

const MARKUP = `<b x="'>`;
const DATA = {
  text: MARKUP,
  texts: [MARKUP, MARKUP],
  record: {
    title: MARKUP,
    path: MARKUP,
    name: MARKUP,
    value: MARKUP,
    href: MARKUP,
    kind: MARKUP,
    as: MARKUP,
  },
  records: [{ title: MARKUP, path: 'title', value: 1 }],
  nothing: [],
};
const ARGUMENTS = ['text', 'texts', 'record', 'records', 'nothing'] as const;

const calls = (name: string): readonly string[] =>
  ARGUMENTS.flatMap((input) =>
    ARGUMENTS.flatMap((given) =>
      [0, 1, 2, 3, 7].map(
        (count) => `{{ ${input} | ${name}${count === 0 ? '' : `(${Array(count).fill(given).join(', ')})`} }}`,
      ),
    ),
  );

describe('A filter lets no markup through that it was given', () => {
  it.each(OWN.filter((name) => !REFUSED.includes(name)))('%s', (name) => {
    for (const call of calls(name)) {
      let shown = '';
      try {
        shown = render(call, DATA);
      } catch {
        // What cannot be made sense of may end the view.
      }
      expect(shown, call).not.toContain('<b x');
    }
  });
});
