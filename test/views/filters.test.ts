import { describe, expect, it } from 'vitest';
import { render } from './support/try-template.js';

const BERLIN = { locale: 'de', timeZone: 'Europe/Berlin' };

describe('a list', () => {
  it.each([
    [undefined, ''],
    [null, ''],
    ['', ''],
    ['one', 'one,'],
    [['one', 'two'], 'one,two,'],
    [[], ''],
    [{ '@type': 'array' }, ''],
    [{ '@type': 'array', result: 'one' }, 'one,'],
    [{ '@type': 'array', result: ['one', 'two'] }, 'one,two,'],
    [{ '#text': 'one', '@id': '1' }, 'one,'],
  ])('is made of %j', (value, items) => {
    expect(render('{% for item in value | list %}{{ item }},{% endfor %}', { value })).toBe(items);
  });
});

describe('items of an answer', () => {
  const cards = [
    { number: '1', tags: [{ name: 'a' }, { name: 'b' }] },
    { number: { '#text': '2', '@type': 'integer' }, tags: { name: 'b' } },
    { number: '3' },
  ];
  const numbers = (filters: string): string =>
    render(`{% for card in cards | ${filters} %}{{ card.number }}{% endfor %}`, {
      cards,
      wanted: [3, 1, 3, 9],
    });

  it('can be found by a text they contain, however deep it lies', () => {
    expect(numbers('where("tags.name", "b")')).toBe('12');
    expect(numbers('where("number", ["2", "3"])')).toBe('23');
    expect(numbers('except("tags.name", "a")')).toBe('23');
  });

  it('can be put in the order that a parameter names', () => {
    expect(numbers('inOrder("number", wanted)')).toBe('31');
    expect(numbers('take(2)')).toBe('12');
  });

  it('can be grouped by what their texts say', () => {
    const entries = [
      { title: 'first', links: [{ title: 'Story #7' }, { title: 'Story #7 (v2)' }] },
      { title: 'second', links: [{ title: 'Card #8' }, { title: 'Card #7' }] },
      { title: 'third', links: { title: 'Page constructor' } },
    ];
    const source =
      '{% set of = entries | grouped("links.title", r/#(\\d+)$/) %}' +
      '{% for number in ["7", "8", "constructor"] %}{{ number }}:{% for e in of[number] %} {{ e.title }}{% endfor %};{% endfor %}';
    expect(render(source, { entries })).toBe('7: first second;8: second;constructor:;');
  });

  it('stand under everything that one of their texts names', () => {
    const entries = [{ text: '#7 #8 both' }, { text: '#8 one' }];
    const source =
      '{% for number, of in entries | grouped("text", r/#(\\d+)/) %}{{ number }}:{{ of | length }} {% endfor %}';
    expect(render(source, { entries })).toBe('7:1 8:2 ');
  });

  it('are found at a path, through lists on the way', () => {
    const changes = [{ revision: [{ id: 1 }, { id: 2 }] }, { revision: { id: 3 } }, { other: 1 }];
    const source = '{% for each in changes | items("revision") %}{{ each.id }}{% endfor %}';
    expect(render(source, { changes })).toBe('123');
    expect(render('{{ nothing | items("a.b") | length }}')).toBe('0');
  });

  it('can be compared with what a page asked for', () => {
    expect(
      render('{{ wanted | minus(cards | pluck("number")) | join(",") }}', { cards, wanted: [3, 4, 1] }),
    ).toBe('4');
    expect(render('{{ wanted | minus(nothing) | join(",") }}', { wanted: ['A', 'B'] })).toBe('A,B');
  });
});

describe('a time', () => {
  const time = (at: unknown, around: object = BERLIN): string => render('{{ at | time }}', { at, ...around });

  it('is written for the viewer’s language and time zone, and left for the frame to make relative', () => {
    expect(time('2026-11-25T09:34:40Z')).toBe(
      '<time datetime="2026-11-25T09:34:40.000Z" data-oriel-age>25.11.2026, 10:34</time>',
    );
    expect(time(0, { locale: 'en-GB', timeZone: 'UTC' })).toContain('>1 Jan 1970, 00:00</time>');
    expect(time({ '@type': 'datetime', '#text': '2026-11-25T09:34:40Z' })).toContain('10:34');
  });

  it('is in English and UTC where language or zone are unknown', () => {
    for (const around of [
      {},
      { locale: 'no such tongue', timeZone: 'UTC' },
      { locale: 'de', timeZone: 'Nowhere' },
    ])
      expect(time('2026-11-25T09:34:40Z', around)).toContain('>Nov 25, 2026, 9:34');
  });

  it.each(['', 'soon', '<b>', null, undefined, {}])('is shown as it is where it is none: %j', (at) => {
    expect(time(at)).toBe(typeof at === 'string' ? at.replace('<b>', '&lt;b&gt;') : '');
  });
});

describe('a day', () => {
  it('is the same day everywhere', () => {
    const at = '2026-11-25';
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Niue'])
      expect(render('{{ at | date }}', { at, locale: 'en', timeZone })).toBe(
        '<time datetime="2026-11-25">Nov 25, 2026</time>',
      );
  });

  it('of an instant is the viewer’s', () => {
    const at = '2026-11-25T23:30:00Z';
    expect(render('{{ at | date }}', { at, ...BERLIN })).toContain('>26.11.2026</time>');
  });
});

describe('numbers and counts', () => {
  it('are written in the viewer’s way', () => {
    expect(render('{{ 1234567 | number }} {{ "0.5" | number }} {{ "1e5" | number }}', BERLIN)).toBe(
      '1.234.567 0,5 1e5',
    );
    expect(render('{{ "12345678901234567890" | number }}')).toBe('12345678901234567890');
  });

  it('have their word', () => {
    expect(render('{{ 1 | plural("card", "cards") }}, {{ 0 | plural("card", "cards") }}')).toBe(
      '1 card, 0 cards',
    );
    expect(
      render('{{ 1 | duration }}, {{ 30 | duration }}, {{ 300 | duration }}, {{ 7200 | duration }}'),
    ).toBe('1 second, 30 seconds, 5 minutes, 2 hours');
  });
});

describe('a name', () => {
  const name = (text: unknown): string => render('{{ text | name }}', { text });

  it('stands apart from the direction of the text around it', () => {
    expect(name('Ann')).toBe('<bdi>Ann</bdi>');
    expect(render('{{ "Ann" | name("strong") }}')).toBe('<strong><bdi>Ann</bdi></strong>');
  });

  it('is nothing where there is none, so that pieces leave it out', () => {
    for (const none of [null, undefined, '', ' \n']) expect(name(none)).toBe('');
    expect(render('{{ none | name("strong") }}')).toBe('');
  });

  it('holds no control characters, line ends or turned text', () => {
    expect(name('a\u0000\u2028\u202eb\u2066\nc')).toBe('<bdi>a b c</bdi>');
  });

  it('is at most 80 characters long, and never half a character', () => {
    expect(name('x'.repeat(80))).toBe(`<bdi>${'x'.repeat(80)}</bdi>`);
    expect(name('😀'.repeat(81))).toBe(`<bdi>${'😀'.repeat(79)}…</bdi>`);
  });
});

describe('texts', () => {
  it('return what a pattern finds', () => {
    expect(
      render('{{ "Story #120 Delete" | capture(r/#(\\d+)/) }}[{{ "none" | capture(r/#(\\d+)/) }}]'),
    ).toBe('120[]');
  });

  it('are written as answers write names', () => {
    expect(render('{{ "Story Status" | snake }} {{ "Größe (m²)" | snake }}')).toBe('story_status größe_m²_');
  });
});
