import { describe, expect, it } from 'vitest';
import { addFilters } from '../../src/views/filters/all.js';
import { compiledEnvironment } from '../../src/views/templates.js';
import { render } from './support/try-template.js';

/** What JavaScript's own patterns would look at for longer than the setup stands. */
const LONG = `${'a'.repeat(5000)}!`;

describe('a pattern in a view', () => {
  it.each([
    '{{ text | capture(r/^(a+)+$/) }}',
    '{{ text | capture(r/((a|a)*)b/) }}',
    '{{ text | capture(r/^(\\w+\\s?)*$/) }}',
    '{{ text | replace(r/^(a+)+$/, "") | length }}',
    '{% set of = [{ name: text }] | grouped("name", r/^((a|aa)+)$/) %}',
  ])('never blocks others, whatever a provider sends: %s', (source) => {
    // Would not come back otherwise; the test’s own time is the measure.
    expect(render(source, { text: LONG })).toBeDefined();
  });

  it('understands what patterns of views have', () => {
    const text = 'Fixes #120 and BUG 7\nbuild 1.24.3/é';
    const first = (pattern: string): string => render(`{{ text | capture(${pattern}) }}`, { text });
    expect(first('r/#(\\d+)/')).toBe('120');
    expect(first('r/bug (\\d)/i')).toBe('7');
    expect(first('r/^build (\\d+(?:\\.\\d+)*)/m')).toBe('1.24.3');
    expect(first('r/\\/(\\u00e9)$/')).toBe('é');
    expect(first('r/(?<word>and)/')).toBe('and');
    expect(first('r/no group/')).toBe('');
    expect(first('r/x|(y)/')).toBe('');
  });

  it('replaces the first, or all', () => {
    expect(render('{{ "a-b-c" | replace(r/-(\\w)/, "+$1") }}', {})).toBe('a+b-c');
    expect(render('{{ "a-b-c" | replace(r/-/g, "+") }}', {})).toBe('a+b+c');
    expect(render('{{ "a-b-c" | replace("-", "+") }}', {})).toBe('a+b+c');
  });

  it.each(['r/(?=x)y/', 'r/(a)\\1/'])('is refused when it is read, where RE2 lacks it: %s', (pattern) => {
    const sources = new Map([['view.njk', `{{ text | capture(${pattern}) }}`]]);
    expect(() => compiledEnvironment(sources, addFilters)).toThrow(/cannot be used.*back references/s);
  });
});
