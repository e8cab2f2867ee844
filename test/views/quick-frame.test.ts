import nunjucks from 'nunjucks';
import { describe, expect, it } from 'vitest';
import { compiledEnvironment } from '../../src/views/templates.js';

/** The same template by nunjucks itself. */
const original = (template: string, model: object): string =>
  new nunjucks.Environment(null, { autoescape: true, trimBlocks: true, lstripBlocks: true }).renderString(
    template,
    model,
  );

const ours = (template: string, model: object): string =>
  compiledEnvironment(
    new Map([
      ['view.njk', template],
      ['part.njk', '[{{ loop.index }} {{ item }}]'],
    ]),
    () => undefined,
  ).render('view.njk', model);

const model = { items: ['a', 'b&\\', 'c'], pairs: { x: 1, y: 2 }, name: 'above' };

describe('variables of a template', () => {
  it.each([
    '{% for item in items %}{{ item }}{{ name }}{% endfor %}',
    '{% for item in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{% endfor %}',
    '{% for item in items %}{% for other in items %}{{ loop.index }}{{ other }}{% endfor %}{{ loop.index }}{% endfor %}',
    '{% for key, value in pairs %}{{ key }}={{ value }}{{ loop.last }}{% endfor %}',
    '{% set seen = 0 %}{% for item in items %}{% set seen = seen + 1 %}{% endfor %}{{ seen }}',
    '{% set name = "below" %}{% for item in items %}{% set name = item %}{{ name }}{% endfor %}{{ name }}',
    '{% macro row(item, n=2) %}{{ item }}{{ n }}{{ name }}{% endmacro %}{% for item in items %}{{ row(item) }}{% endfor %}',
    '{% macro wrap() %}<{{ caller() }}>{% endmacro %}{% for item in items %}{% call wrap() %}{{ item }}{% endcall %}{% endfor %}',
    '{% for item in items %}{{ loop.index }}{% else %}none{% endfor %}{% for item in [] %}x{% else %}none{% endfor %}',
  ])('are what nunjucks makes of them: %s', (template) => {
    expect(ours(template, model)).toBe(original(template, model));
  });

  it('reach a part that is included in a loop', () => {
    expect(ours('{% for item in items %}{% include "part.njk" %}{% endfor %}', model)).toBe(
      '[1 a][2 b&amp;&#92;][3 c]',
    );
  });

  it('inherit nothing', () => {
    expect(
      ours('{{ constructor }}{{ toString }}{% for item in items %}{{ __proto__ }}{% endfor %}', model),
    ).toBe('');
  });
});
