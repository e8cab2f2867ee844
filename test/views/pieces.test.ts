import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/upstream/readers/parse.js';
import { htmlFaults } from './support/html-faults.js';
import { textOf } from './support/our-views.js';
import { PIECE_EXAMPLES } from './support/piece-examples.js';
import { exampleData, exampleView, pieces } from './support/pieces.js';
import { marked, openGadget, showGadget, showView, within } from './support/try-gadget.js';

const all = pieces();
const importing = `{% from "oriel" import ${all.map(({ name }) => name).join(', ')} %}\n`;
const show = (source: string, data: Readonly<Record<string, unknown>> = {}): string =>
  showView(importing + source, data);

/** Elements that are opened and not closed, or the other way round. */
const unbalanced = (html: string): readonly string[] => {
  const open: string[] = [];
  const faults: string[] = [];
  for (const [tag, name = ''] of html.matchAll(/<\/?([a-z][a-z0-9]*)[^>]*>/g)) {
    if (['img', 'br', 'hr', 'input', 'path', 'rect'].includes(name)) continue;
    if (!tag.startsWith('</')) open.push(name);
    else if (open.pop() !== name) faults.push(tag);
  }
  return [...faults, ...open];
};

const HOSTILE: readonly (readonly [string, unknown])[] = [
  ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['an end of everything open', `"'\`></span></li></ul></svg></template>--><svg onload=alert(1)>`],
  ['attributes', `" onmouseover="alert(1)" style="x' autofocus onfocus='alert(1)`],
  ['a script address', 'javascript:alert(1)'],
  ['CSS in a color', '#fff"/><style>*{display:none}</style>;background:url(//x)'],
  ['an address of another origin without a scheme', '//evil.example/x.png'],
  ['a template', '{{ 7 * 7 }}{% include "x" %}'],
  ['turned text', '\u202egnirts\u2066 \u0000\u2028'],
  ['text from right to left', 'مرحبا بالعالم'],
  ['a long word', 'x'.repeat(5000)],
  ['nothing', undefined],
  ['null', null],
  ['the empty string', ''],
  ['true', true],
  ['a number', -1.5e300],
  ['a large number', 2 ** 60],
  ['an empty list', []],
  ['an empty record', {}],
  ['lists in lists', [[['<b>', null], []], { a: '<i>' }]],
  [
    'records',
    Array.from({ length: 5 }, () => ({
      title: '<b>"',
      name: '</a>',
      value: '1" x="',
      href: 'data:text/html,x',
      kind: '"><',
      color: '"/>',
      path: '<',
      x: '<',
      y: '1',
    })),
  ],
  [
    'numbers in records',
    [
      { value: 1e15, title: '<b>', href: 'https://x.example/"><script>', kind: 'good' },
      { value: -3 },
      { value: 'NaN' },
      { value: null },
    ],
  ],
];

const call = ({ name, parameters, isAround }: (typeof all)[number], value: string): string => {
  const given = `${name}(${parameters.map((each) => `${each}=${value}`).join(', ')})`;
  return isAround ? `{% call ${given} %}{{ ${value} }}{% endcall %}` : `{{ ${given} }}`;
};

/** A view that shows the piece whose name it is given, with one value for each of its arguments. */
const trying = openGadget({
  'view.njk': marked(
    `${importing}{% set v = answers.v.data %}{% set name = answers.name.data %}${all
      .map((piece) => `{% if name == "${piece.name}" %}${call(piece, 'v')}{% endif %}`)
      .join('')}`,
  ),
});
/** As an API's answer comes to a view. */
const answered = (json: string): unknown => {
  const parsed = parse('json', json);
  return 'data' in parsed ? parsed.data : parsed.code;
};

const tried = (name: string, v: unknown): string => within(trying({ name, v }));

describe.each(all.map((piece) => [piece.name, piece] as const))('%s', (name, piece) => {
  it.each(HOSTILE)('shows %s as data, in every argument', (_, value) => {
    const html = tried(name, value);
    expect(htmlFaults(html)).toEqual([]);
    expect(unbalanced(html)).toEqual([]);
    expect(html).not.toMatch(/undefined|NaN|\[object|Infinity/);
    expect(html).not.toMatch(/ (src|href)="\/\//);
  });

  it('stays sound whatever it is given', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (json) => {
        const html = tried(name, answered(json));
        expect(htmlFaults(html)).toEqual([]);
        expect(unbalanced(html)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('is described with each of its arguments, and has an example', () => {
    expect(Object.keys(piece.described).toSorted()).toEqual([...piece.parameters].toSorted());
    expect(piece.summary).toMatch(/^[A-Z].*\.$/);
    const html = showGadget({ 'view.njk': exampleView([name]) }, exampleData());
    expect(htmlFaults(html)).toEqual([]);
    expect(unbalanced(html)).toEqual([]);
    expect(PIECE_EXAMPLES[name]?.source).toContain(name);
  });
});

it('There is an example of each piece, and of nothing else', () => {
  expect(Object.keys(PIECE_EXAMPLES)).toEqual(all.map(({ name }) => name));
});

describe('A record where a text is expected', () => {
  it.each(['{"toString":1}', '{"valueOf":[]}', '{}', '[{}]'])(
    'is compared and put together as the empty text: %s',
    (json) => {
      const source = '{% set v = answers.v.data %}{{ "same" if v == "x" else "other" }}{{ v + "!" }}';
      expect(textOf(show(source, { v: answered(json) }))).toBe('other!');
    },
  );
});

describe('The pieces', () => {
  it('lead to web addresses alone', () => {
    for (const address of ['javascript:x', 'data:text/html,x', '//x.example', 'vbscript:x'])
      for (const source of ['row(title="T", href=v)', 'person("T", href=v)', 'more(1, 2, href=v)'])
        expect(show(`{% set v = answers.v.data %}{{ ${source} }}`, { v: address })).not.toContain('<a');
    expect(show('{{ row(title="T", href="https://x.example/") }}')).toContain(
      '<a href="https://x.example/" target="_blank" rel="noopener noreferrer nofollow">T</a>',
    );
  });

  it('name pictures that may be shown by an address of ours, and no others at all', () => {
    const images = ({ of = '{{ avatar("Ann Archer", image=answers.v.data) }}', may = true } = {}): string =>
      openGadget({ 'view.njk': importing + of })({ v: 'https://x.example/a.png' }, {}, (written) =>
        may ? `/frame/images/0.${written.length}` : null,
      );
    expect(images()).toContain('data-oriel-image="/frame/images/0.23"');
    expect(images()).not.toContain('x.example');
    expect(images({ may: false })).not.toMatch(/data-oriel-image|x\.example/);
    expect(show('{{ avatar("Ann Archer", image="https://x.example/a.png") }}')).not.toMatch(
      /<img|x\.example/,
    );
    const piece = '{{ image(answers.v.data, "A <cat>", 200, 5000, href="https://x.example/") }}';
    expect(images({ of: piece })).toContain(
      '<span class="oriel-image" role="img" aria-label="A &lt;cat&gt;" data-oriel-image="/frame/images/0.23"><svg width="200" height="1200" viewBox="0 0 200 1200" aria-hidden="true"></svg><span>A &lt;cat&gt;</span></span></a>',
    );
    expect(textOf(images({ of: piece, may: false }))).toContain('A <cat>');
    const text = '{{ "![a cat](https://x.example/a.png) and ![](https://x.example/b)" | markdown }}';
    expect(images({ of: text })).toMatch(
      /aria-label="a cat"[^>]*><svg width="320".*and <span class="oriel-image" aria-hidden="true"/,
    );
    expect(images({ of: text, may: false })).toMatch(/<a href="https:\/\/x.example\/a.png"[^>]*>a cat<\/a>/);
  });

  it('say how something is in a word as well as in color and shape', () => {
    expect(
      textOf(show('{{ status("good") }}|{{ status("failure") }}|{{ status("In Progress", quiet=true) }}')),
    ).toBe('OK | Failed | In progress');
    expect(show('{{ status("cancelled") }}')).toContain('oriel-neutral"><span><bdi>cancelled</bdi>');
    expect(show('{{ status("bad", "Broken") }}')).toContain('oriel-bad"><span>Broken</span>');
  });

  it('write what they are given several of side by side, and leave out what is absent', () => {
    const html = show('{{ row(title="T", end=[pill(3), nothing, "", "x"], meta=["a", nothing, "b"]) }}');
    expect(html).toContain('<div class="oriel-meta"><span>a</span><span>b</span></div>');
    expect(textOf(html)).toBe('T a b 3 x');
    expect(show('{{ row(title="T") }}')).toBe(
      '<li class="oriel-row"><div class="oriel-main"><div class="oriel-head"><bdi class="oriel-name">T</bdi></div></div></li>\n',
    );
  });

  it('say that there is nothing where a list or table is empty', () => {
    expect(textOf(show('{% call list(otherwise="Nothing open.") %} {% endcall %}'))).toBe('Nothing open.');
    expect(textOf(show('{{ table(["A"], []) }}'))).toBe('There’s nothing to show.');
  });

  it('find the values of a table by their paths', () => {
    const rows = [{ n: 'a', by: { name: 'Ann' } }, { n: '<b>' }];
    const html = show(
      '{{ table([{ title: "N", path: "n" }, { title: "By", path: "by.name", end: true }], answers.v.data) }}',
      { v: rows },
    );
    expect(html).toContain('<td role="cell" data-label="By" class="oriel-number"><span>Ann</span></td>');
    expect(textOf(html)).toBe('N By a Ann <b> – not set');
  });

  it('write the values of a column as it says', () => {
    const rows = [
      { at: '2026-11-25', s: 90, n: 1234, size: 2000 },
      { at: 'soon', s: 'none', n: '<b>' },
    ];
    const columns = ['at date', 's duration', 'n number', 'size bytes', 'at time'].map((each) =>
      each.split(' '),
    );
    const written = columns
      .map(([path, as]) => `{ title: "${path}", path: "${path}", as: "${as}" }`)
      .join(', ');
    expect(
      textOf(show(`{{ table([${written}], answers.v.data) }}`, { v: rows }))
        .split(' at ')
        .at(-1),
    ).toBe('Nov 25, 2026 1m 30s 1,234 2 kB Nov 25, 2026 soon – not set <b> – not set soon');
  });

  it('say how many more there are, and nothing where all are shown', () => {
    expect(textOf(show('{{ more(20, 57) }}'))).toBe('Showing 20 of 57');
    expect(textOf(show('{{ more(20) }}'))).toBe('Showing the first 20');
    expect(show('{{ more(20, 20) }}')).toBe('');
  });

  it('draw charts with the same numbers in words and in a table', () => {
    const items = [
      { at: '2026-11-24', n: 60 },
      { at: '2026-11-25', n: '30' },
      { at: 'x', n: 'none' },
    ];
    const html = show('{{ line(answers.v.data, y="n", x="at", title="Time", as="duration") }}', { v: items });
    expect(html).toContain('d="M0 1L100 15"');
    expect(html).toContain('aria-label="Time: 2 values, first 1m, last 30s, lowest 30s, highest 1m"');
    expect(textOf(html)).toContain('Nov 24, 2026 1m Nov 25, 2026 30s');
    expect(show('{{ sparkline([]) }}{{ sparkline(["x"]) }}{{ line([]) }}{{ bars([]) }}')).toBe('');
    expect(show('{{ sparkline([5]) }}')).toContain('d="M0 1L100 1"');
    expect(show('{{ sparkline([-2, 2]) }}')).toContain('d="M0 29L100 1"');
    expect(show('{{ sparkline([0, 0]) }}')).toContain('d="M0 29L100 29"');
  });

  it('write for the viewer’s language', () => {
    const html = showGadget(
      { 'view.njk': `${importing}{{ status("good") }}{{ empty() }}{{ more(1000, 2000) }}` },
      {},
      { locale: 'de' },
    );
    expect(textOf(html)).toContain(
      'In Ordnung Hier gibt es nichts anzuzeigen. 1.000 von 2.000 werden angezeigt',
    );
  });
});

/** WCAG 2.2, relative luminance and contrast. */
const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const share = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

it('A label can be read on every color', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
      const color = `#${number.toString(16).padStart(6, '0')}`;
      const html = show('{{ label("bug", answers.v.data) }}', { v: color });
      const [, ground] = /oriel-on-(dark|light)/.exec(html) ?? [];
      const [high, low] = [luminance('#ffffff'), luminance('#000000')];
      const own = luminance(color);
      const contrast = ground === 'dark' ? (high + 0.05) / (own + 0.05) : (own + 0.05) / (low + 0.05);
      expect(contrast).toBeGreaterThanOrEqual(4.5);
      expect(html).toContain(`fill="${color}"`);
    }),
    { numRuns: 60 },
  );
});

it('Styles and the frame’s script stay small', async () => {
  const { gzipSync } = await import('node:zlib');
  const css = readFileSync('dist/browser/frame.css');
  const script = readFileSync('dist/browser/frame.js');
  expect(gzipSync(css).length + gzipSync(script).length).toBeLessThan(15 * 1024);
});
