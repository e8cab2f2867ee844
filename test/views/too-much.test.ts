import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NunjucksViews } from '../../src/views/nunjucks-views.js';
import { TooMuchToShow } from '../../src/views/view-models.js';
import { sample } from './support/our-views.js';

const NAME = 'A card that lights up when a build breaks';
const rows = (count: number) => Array.from({ length: count }, (_, number) => ({ number, name: NAME }));

const VIEWS: Readonly<Record<string, string>> = {
  prints: '{% for row in answers.cards.data %}<p>{{ row.number }} {{ row.name }}</p>{% endfor %}',
  loops: '{% for row in answers.cards.data %}{% for other in answers.cards.data %}{% endfor %}{% endfor %}',
  looks: '{% for row in answers.cards.data %}{% set name = row.name %}{% endfor %}',
  long: '{{ answers.cards.data[0].name }}',
  'goes through the characters of a text':
    '{% for each in answers.cards.data[0].name %}{% set last = each %}{% endfor %}',
  'goes through the fields of a record':
    '{% for key, value in answers.cards.data[0] %}{% set last = value %}{% endfor %}',
  'believes the length that a record says it has':
    '{% for each in answers.cards.data[0] %}{% if loop %}{% endif %}{% endfor %}',
  'counts to a number': '{% set all = range(answers.cards.data[0].number) %}',
  'filters a list for each of its items':
    '{% for row in answers.cards.data %}{% set same = answers.cards.data | where("name", "none") %}{% endfor %}',
  'filters what lies deep inside for each of its items':
    '{% for row in answers.cards.data %}{% set same = answers.cards.data[0] | pluck("rows.name") | take(1) %}{% endfor %}',
  'uses a filter of the library for each of its items':
    '{% for row in answers.cards.data %}{% set same = answers.cards.data | sort(false, false, "name") %}{% endfor %}',
  'looks for something in a list for each of its items':
    '{% for row in answers.cards.data %}{% if row in answers.cards.data[0].rows %}{% endif %}{% endfor %}',
  'makes a text wider': '{{ "x" | center(answers.cards.data[0].number) }}',
  'prints a long piece again and again':
    '{% macro piece() %}{{ answers.cards.data[0].name }}{% endmacro %}{% set one = piece() %}{% for row in answers.cards.data %}{{ one }}{% endfor %}',
  'looks for a pattern in a long text':
    '{{ answers.cards.data[0].name | capture(r/([a-z]+ )*z$/) }}{{ answers.cards.data[0].name | replace(r/a+/g, "b") | length }}',
  'takes a long text to pieces': '{{ answers.cards.data[0].name | urlize | length }}',
  'sorts the letters of a long text': '{% set letters = answers.cards.data[0].name | sort %}',
  'makes a name of a long text': '{% set name = answers.cards.data[0].name | snake %}',
  'writes all of a large answer for a script': '{% set all = answers.cards.data | json %}',
  'sorts the fields of a record': '{% set all = answers.cards.data[0] | dictsort %}',
  'counts the fields of a record again and again':
    '{% for row in answers.cards.data %}{% set count = answers.cards.data[0] | length %}{% endfor %}',
  'writes the time again and again': '{% for row in answers.cards.data %}{{ row.number | time }}{% endfor %}',
  'counts to a hundred million': '{% for n in range(0, 100000000) %}{% endfor %}',
  'counts to the largest number there is': '{% set all = range(0, answers.cards.data[0].number) %}',
  'calls itself without end': '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}',
  'includes itself without end': '{% include "includes itself without end/view.njk" %}',
  'doubles a text again and again':
    '{% set x = answers.cards.data[0].name %}{% for n in range(0, 60) %}{% set x = x ~ x %}{% endfor %}{{ x | length }}',
  'doubles a text and prints it':
    '{% set x = answers.cards.data[0].name %}{% for n in range(0, 24) %}{% set x = x ~ x %}{% endfor %}{{ x }}',
  'doubles a list again and again':
    '{% from "oriel" import pill %}{% set x = ["a"] %}{% for n in range(0, 40) %}{% set x = [x, x] %}{% endfor %}{{ pill(x) }}',
  'joins a list with a long text':
    '{% set x = answers.cards.data[0].name %}{{ answers.cards.data[0].rows | join(x) | length }}',
  'writes a long text in place of each letter':
    '{% set x = answers.cards.data[0].name %}{{ x | replace("x", x) | length }}',
  'looks for a pattern in many long texts':
    '{% set all = answers.cards.data | whose("name", r/([a-z]+ )*z$/) %}',
  'looks for every match in many long texts':
    '{% set all = answers.cards.data | pluck("name") | matches(r/([a-z]+ )*z$/) %}',
  'groups many long texts by a pattern':
    '{% set all = answers.cards.data | grouped("name", r/([a-z]+ )*(z)$/) %}',
  'reads a long text as Markdown again and again':
    '{% for row in answers.cards.data %}{{ row.name | markdown }}{% endfor %}',
  'sorts a list again and again':
    '{% for row in answers.cards.data %}{% set same = answers.cards.data | sortBy("name") %}{% endfor %}',
  'draws thousands of rows of pieces':
    '{% from "oriel" import row, status, person, label %}{% for row_ in answers.cards.data %}{{ row(title=row_.name, lead=status("good"), meta=[person(row_.name), row_.number], tags=label(row_.name, "#fff")) }}{% endfor %}',
  includes:
    '{% if not inside %}{% set inside = true %}{% for row in answers.cards.data %}{% include "includes/view.njk" %}{% endfor %}{% endif %}',
  'calls itself twice each time':
    '{% macro f(n) %}{% if n > 0 %}{% set a = f(n - 1) %}{% set b = f(n - 1) %}{% endif %}{% endmacro %}{{ f(answers.cards.data[0].number) }}',
};

describe('A view of a gadget', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-views-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const show = (view: string, data: readonly unknown[]): string => {
    const model = sample('mingle-cards');
    const gadget = { ...model.gadget, view: `${view}/view.njk` };
    mkdirSync(join(folder, view), { recursive: true });
    writeFileSync(join(folder, view, 'view.njk'), VIEWS[view] ?? '');
    const views = new NunjucksViews({
      templates: 'templates',
      gadgets: [{ gadget, folder: join(folder, view) }],
    });
    const answer = { data: data as never, fetchedAt: 0, stale: false, pages: 1, more: false };
    return views.content({ ...model, gadget, answers: { cards: answer } });
  };

  it('shows thousands of rows', () => {
    expect(show('prints', rows(4000))).toContain(`3999 ${NAME}`);
  });

  it('counts the escaping of a text as more work than its printing', () => {
    expect(show('long', [{ name: 'x'.repeat(1_000_000) }])).toContain('xxx');
    expect(() => show('long', [{ name: '<'.repeat(1_000_000) }])).toThrow(TooMuchToShow);
  });

  it.each([
    ['prints', rows(30_000)],
    ['loops', rows(3000)],
    ['looks', rows(60_000)],
    ['long', [{ name: 'x'.repeat(4_000_000) }]],
    ['goes through the characters of a text', [{ name: 'x'.repeat(1_000_000) }]],
    ['goes through the fields of a record', [Object.fromEntries(rows(200_000).entries())]],
    ['believes the length that a record says it has', [{ length: 1e7 }]],
    ['counts to a number', [{ number: 1e7 }]],
    ['filters a list for each of its items', rows(3000)],
    ['filters what lies deep inside for each of its items', [{ rows: rows(3000) }, ...rows(300)]],
    ['uses a filter of the library for each of its items', rows(3000)],
    ['looks for something in a list for each of its items', [{ rows: rows(20_000) }, ...rows(3000)]],
    ['makes a text wider', [{ number: 1e7 }]],
    ['prints a long piece again and again', [{ name: 'x'.repeat(100_000) }, ...rows(5000)]],
    ['looks for a pattern in a long text', [{ name: 'a '.repeat(60_000) }]],
    ['takes a long text to pieces', [{ name: 'a '.repeat(50_000) }]],
    ['sorts the letters of a long text', [{ name: 'ab'.repeat(20_000) }]],
    ['makes a name of a long text', [{ name: 'a '.repeat(80_000) }]],
    ['writes all of a large answer for a script', rows(40_000)],
    ['sorts the fields of a record', [Object.fromEntries(rows(8000).entries())]],
    [
      'counts the fields of a record again and again',
      [Object.fromEntries(rows(8000).entries()), ...rows(20)],
    ],
    ['writes the time again and again', rows(8000)],
    ['counts to a hundred million', []],
    ['counts to the largest number there is', [{ number: 1.7e308 }]],
    ['calls itself without end', []],
    ['includes itself without end', []],
    ['doubles a text again and again', [{ name: 'x'.repeat(100) }]],
    ['doubles a text and prints it', [{ name: 'x' }]],
    ['doubles a list again and again', []],
    ['joins a list with a long text', [{ name: 'x'.repeat(500_000), rows: rows(1000) }]],
    ['writes a long text in place of each letter', [{ name: 'x'.repeat(20_000) }]],
    ['looks for a pattern in many long texts', rows(200).map((row) => ({ ...row, name: 'a '.repeat(2500) }))],
    [
      'looks for every match in many long texts',
      rows(200).map((row) => ({ ...row, name: 'a '.repeat(2500) })),
    ],
    ['groups many long texts by a pattern', rows(200).map((row) => ({ ...row, name: 'a '.repeat(2500) }))],
    [
      'reads a long text as Markdown again and again',
      rows(20).map((row) => ({ ...row, name: '*a '.repeat(6000) })),
    ],
    ['sorts a list again and again', rows(300)],
    ['draws thousands of rows of pieces', rows(4000)],
    ['includes', rows(30_000)],
    ['calls itself twice each time', [{ number: 22 }]],
  ] as const)(
    'that %s more than can be made while everyone else waits is stopped, and the next one is not',
    (view, data) => {
      expect(() => show(view, data)).toThrow(TooMuchToShow);
      expect(show('prints', rows(2))).toContain(`1 ${NAME}`);
    },
  );
});
