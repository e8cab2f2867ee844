import { describe, expect, it } from 'vitest';
import { render } from './support/try-template.js';

const builds = [
  { id: 'a', result: 'Failed', seconds: 100, by: { name: 'Ümit' }, tags: ['x', 'y'] },
  { id: 'b', result: 'passed', seconds: '20', by: { name: 'Ann' } },
  { id: 'c', result: 'Passed', seconds: 3, by: { name: 'Zoe' }, draft: true },
  { id: 'd' },
];
const ids = (filters: string): string =>
  render(`{% for build in builds | ${filters} %}{{ build.id }}{% endfor %}`, { builds, locale: 'de' });

describe('Items of an answer', () => {
  it('can be put in order by numbers, by words as the viewer’s language has them, and backwards; what has none comes last', () => {
    expect(ids('sortBy("seconds")')).toBe('cbad');
    expect(ids('sortBy("-seconds")')).toBe('abcd');
    expect(ids('sortBy("by.name")')).toBe('bacd');
    expect(ids('sortBy("-draft", "by.name")')).toBe('cbad');
    expect(render('{{ ["v10", "v9"] | sortBy | join(" ") }}')).toBe('v9 v10');
  });

  it('can be picked by a pattern, a comparison, or that there is anything', () => {
    expect(ids('whose("result", r/^pass/i)')).toBe('bc');
    expect(ids('whose("seconds", ">=", 20)')).toBe('ab');
    expect(ids('whose("seconds", "<", "20")')).toBe('c');
    expect(ids('whose("id", "!=", "a")')).toBe('bcd');
    expect(ids('whose("draft")')).toBe('c');
    expect(ids('whose("tags")')).toBe('a');
    expect(() => ids('whose("seconds", "about", 20)')).toThrow('takes a pattern');
  });

  it('can be looked up, reached and added up', () => {
    const shown = render(
      '{% set byId = builds | index("id") %}{{ byId.b.by.name }} {{ byId["__proto__"] }}{{ builds | at("0.by.name") }} {{ builds | at("-1.id") }} {{ builds | at("0.tags.constructor") }}{{ builds | sum("seconds") }} {{ [1, "2", "x", null] | sum }} {{ [1] | sum(nothing, 5) }}',
      { builds },
    );
    expect(shown).toBe('Ann Ümit d 123 3 6');
  });

  it('are each there once', () => {
    expect(render('{{ ["a", "b", "a", 1, "1"] | unique | join(",") }}')).toBe('a,b,1');
    expect(ids('unique("result")')).toBe('abcd');
    expect(ids('unique')).toBe('abcd');
    expect(
      render('{% for each in all | unique("k") %}{{ each.n }}{% endfor %}', {
        all: [
          { k: 'x', n: 1 },
          { k: 'x', n: 2 },
          { k: 'y', n: 3 },
        ],
      }),
    ).toBe('13');
  });
});

describe('Times', () => {
  it('are put together by the day that the viewer has, in their order; what has no zone keeps its day', () => {
    const events = [
      '2026-11-29T23:30:00Z',
      '2026-11-30T12:00:00+01:00',
      1796079600,
      '2026-11-29',
      'Release 7',
      null,
    ];
    const days = (timeZone: string): string =>
      render(
        '{% for day, of in events | byDay("at") %}{{ day }}:{% for each in of %}{{ each.n }}{% endfor %} {% endfor %}',
        { events: events.map((at, n) => ({ at, n })), timeZone, locale: 'ar' },
      );
    expect(days('UTC')).toBe('2026-11-29:03 2026-11-30:12 ');
    expect(days('Europe/Berlin')).toBe('2026-11-30:01 2026-12-01:2 2026-11-29:3 ');
    expect(days('nowhere')).toBe(days('UTC'));
  });
});

describe('Texts', () => {
  it('give everything that a pattern finds, its first group where there is one', () => {
    const message = 'Fix #12 and #7, see #12';
    expect(render('{{ message | matches(r/#(\\d+)/) | unique | join(",") }}', { message })).toBe('12,7');
    expect(render('{{ message | matches(r/#\\d+/) | join(",") }}', { message })).toBe('#12,#7,#12');
    expect(render('{{ all | matches(r/(x*)/) | join(",") }}', { all: ['axxb', 'x'] })).toBe('xx,x');
    expect(render('{{ nothing | matches(r/x/) | length }}')).toBe('0');
    expect(render('{{ message | matches(r/#(\\d+)/, 7) | join(",") }}', { message })).toBe('12');
    const short = '{{ [{ m: message }] | grouped("m", r/#(\\d+)/, 7) | length }}';
    expect(render(short, { message })).toBe('1');
    expect(() => render('{{ "a" | matches("a") }}')).toThrow('takes a pattern');
  });

  it('are looked through for the pattern that a parameter holds, and one that cannot be used finds nothing', () => {
    const look = (pattern: string): string =>
      render(
        '{% set it = pattern | pattern %}{{ message | matches(it) | join(",") }};' +
          '{{ [{ m: message }] | whose("m", it) | length }};{{ [{ m: message }] | grouped("m", it) | length }}',
        { message: 'Fix #12 and #7', pattern },
      );
    expect(look('#(\\d+)')).toBe('12,7;1;2');
    expect(look('(?i)fix #(\\d+)')).toBe('12;1;1');
    for (const unusable of ['#(\\d+', '(?=x)', '(a)\\1']) expect(look(unusable)).toBe(';0;0');
  });

  it('have a first line, and lose what escaped them once', () => {
    expect(render('[{{ text | firstLine }}]', { text: '\n  \r\n Fix it \r\n\r\nmore' })).toBe('[Fix it]');
    expect(render('[{{ nothing | firstLine }}]')).toBe('[]');
    expect(
      render('{{ text | unescape }}', { text: 'Tom &amp; &#8216;J&#x65;rry&rsquo; &amp;lt; &bogus; &#0;' }),
    ).toBe('Tom &amp; ‘Jerry’ &amp;lt; &amp;bogus; &amp;#0;');
    expect(render('{{ text | unescape }}', { text: '&lt;script&gt;' })).toBe('&lt;script&gt;');
  });
});
