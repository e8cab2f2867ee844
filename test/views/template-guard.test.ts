import { describe, expect, it } from 'vitest';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';
import { gadget } from '../support/a-gadget.js';
import { TEMPLATES } from './support/our-views.js';
import { render } from './support/try-template.js';

const model = {
  text: 'words',
  list: ['one'],
  record: Object.assign(Object.create(null), { name: 'Ann', '@url': 'x' }),
  plain: { name: 'Ann' },
};

describe('a template', () => {
  it.each([
    '{{ range.constructor("return process.pid")() }}',
    '{{ text.constructor.constructor("return process.pid")() }}',
    '{{ list["const" + "ructor"]["constructor"]("return process.pid")() }}',
    '{{ plain.__proto__.constructor.constructor("return process.pid")() }}',
    '{{ constructor.constructor("return process.pid")() }}',
    '{{ cycler.prototype.constructor.constructor("return process.pid")() }}',
  ])('cannot reach what runs code: %s', (source) => {
    expect(() => render(source, model)).toThrow(/unable to call/i);
  });

  it.each([
    'text.constructor',
    'plain.__proto__',
    'record.constructor',
    'list.map',
    'text.link',
    'plain.toString',
    'constructor',
    'hasOwnProperty',
    '__proto__',
    'range.name',
  ])('finds nothing at %s', (path) => {
    expect(render(`{% if ${path} === undefined %}nothing{% endif %}`, model)).toBe('nothing');
  });

  it('reads what a model holds, by name and by place', () => {
    expect(render('{{ record.name }} {{ list[0] }} {{ list.length }} {{ text.length }}', model)).toBe(
      'Ann one 1 5',
    );
  });

  it('prints an element with attributes as its text, and one without text as nothing', () => {
    const element = Object.assign(Object.create(null), { '@type': 'integer', '#text': '<7>' });
    expect(render('[{{ a }}][{{ b }}]', { a: element, b: model.record })).toBe('[&lt;7&gt;][]');
  });

  it('escapes what it prints, in texts and in attributes', () => {
    expect(render('<p title="{{ t }}">{{ t }}</p>', { t: `<&>"'` })).toBe(
      '<p title="&lt;&amp;&gt;&quot;&#39;">&lt;&amp;&gt;&quot;&#39;</p>',
    );
  });

  it('cannot print unescaped', () => {
    expect(() => render('{{ text | safe }}', model)).toThrow('The filter "safe" is not available');
  });

  it('includes templates by name only, and no other file', () => {
    for (const name of ['../package.json', '/etc/hostname', 'package.json'])
      expect(() => render(`{% include "${name}" %}`)).toThrow('template not found');
  });
});

describe('the views', () => {
  it('refuse to start when a template cannot be compiled, and name it', () => {
    const broken = { gadget: gadget({ id: 'broken', view: 'broken/view.njk' }), folder: 'test/views/broken' };
    expect(() => new NunjucksViews({ templates: TEMPLATES, gadgets: [broken] })).toThrow('broken/view.njk');
  });

  it('refuse a page that does not exist', () => {
    expect(() => new NunjucksViews({ templates: TEMPLATES, gadgets: [] }).page('../README', {})).toThrow(
      'template not found: ../README.njk',
    );
  });
});
