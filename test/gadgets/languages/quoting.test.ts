import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clausesFault } from '../../../src/gadgets/languages/clauses.js';
import { languageNamed } from '../../../src/gadgets/languages/registry.js';
import { templateFaults } from '../../../src/gadgets/template-checks.js';
import { parameter, request } from '../../support/a-gadget.js';

const text = { kind: 'text', maxLength: 999 } as const;
const written = (language: string, value: string | number | boolean, type = text as never) =>
  languageNamed(language).write(value, type);

/** What another reader takes for quoted, and what is left outside: written apart from ours. */
const outside = (query: string, quote: '"' | "'", escaping: 'backslash' | 'doubled'): string => {
  let left = '';
  let isIn = false;
  for (let at = 0; at < query.length; at += 1) {
    const character = query[at] ?? '';
    if (isIn && escaping === 'backslash' && character === '\\') at += 1;
    else if (character === quote && isIn && escaping === 'doubled' && query[at + 1] === quote) at += 1;
    else if (character === quote) isIn = !isIn;
    else if (!isIn) left += character;
  }
  return isIn ? `${left}…never closed` : left;
};

const HOSTILE = [
  ...[
    'x" OR project = SECRET',
    "x' OR project = SECRET",
    'x\\" OR 1 = 1',
    "x\\' OR 1 = 1",
    "x'' OR 1=1",
    'x"" OR "1"="1',
  ],
  ...[
    '\\',
    '\\\\',
    '"',
    "'",
    '""',
    "''",
    '"; DROP',
    '\\u0022 OR',
    '%22 OR',
    'a) OR (b',
    '*',
    '%',
    '/*',
    '-- x',
    '#',
  ],
  ...[
    '“x” OR y',
    'x＂ OR y',
    'repo:secret',
    '-repo:x',
    'NOT x',
    'OR',
    'and',
    'currentUser()',
    '@Me',
    '{words}',
    'a\u00a0b',
  ],
];

const quoted = [
  ['jql', '"', 'backslash'],
  ['cql', '"', 'backslash'],
  ['wiql', "'", 'doubled'],
  ['soql', "'", 'backslash'],
] as const;

describe.each(quoted)('a text in %s', (language, quote, escaping) => {
  it.each(HOSTILE)('stays one text: %j', (value) => {
    const query = `a = ${written(language, value)} AND b = 1`;
    expect(outside(query, quote, escaping)).toBe('a =  AND b = 1');
  });

  it('stays one text whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (value) => {
        const text = written(language, value);
        if (text !== undefined) expect(outside(`<${text}>`, quote, escaping)).toBe('<>');
      }),
    );
  });

  it.each(['a\nb', 'a\u0000', '\r', '\u2028', '\ud800'])(
    'is refused with the control character in %j',
    (value) => {
      expect(written(language, value)).toBeUndefined();
    },
  );

  it('has numbers, truth values and choices as they are', () => {
    expect(written(language, 7, { kind: 'integer', min: 0, max: 9 } as never)).toBe('7');
    expect(written(language, true, { kind: 'boolean' } as never)).toBe('true');
    expect(written(language, 'DESC', { kind: 'choice', values: ['DESC'] } as never)).toBe('DESC');
  });
});

it('Dates are quoted where the language wants it', () => {
  const date = { kind: 'date' } as never;
  expect(written('jql', '2026-11-30', date)).toBe('"2026-11-30"');
  expect(written('wiql', '2026-11-30', date)).toBe("'2026-11-30'");
  expect(written('soql', '2026-11-30', date)).toBe('2026-11-30');
});

describe('a word or phrase of a search', () => {
  it.each([
    ['oriel', 'oriel'],
    ['cli/cli', 'cli/cli'],
    ['@me', '@me'],
    ['two words', '"two words"'],
    ['OR', '"OR"'],
    ['not', '"not"'],
    ['-repo:x', '"-repo:x"'],
    ['repo:secret', '"repo:secret"'],
    ['a*', '"a*"'],
    ['x" OR repo:secret "', '"x  OR repo:secret"'.replace('  ', ' ')],
    ['“x” y', '"x  y"'.replace('  ', ' ')],
    ['a\\" b', '"a  b"'.replace('  ', ' ')],
    ['line\nbreak', '"line break"'],
  ])('%j is %s', (value, expected) => {
    expect(written('search', value)?.replaceAll(/ +/g, ' ')).toBe(expected);
  });

  it.each(['', '"', '\\"', ' \n '])('is nothing for %j', (value) => {
    expect(written('search', value)).toBeUndefined();
  });

  it('stays one, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })), (value) => {
        const phrase = written('search', value);
        if (phrase === undefined) return;
        expect(phrase.startsWith('"') ? outside(phrase, '"', 'backslash') : phrase).not.toMatch(
          /[\s:"\\*]|^-/,
        );
      }),
    );
  });
});

describe('conditions in JQL and CQL', () => {
  const fault = (conditions: string) => clausesFault(conditions, 'JQL', 'a = b');

  it.each([
    'status = Open AND assignee = currentUser()',
    'status in (Open, "In Progress") AND updated >= -7d',
    'summary ~ \'it\\\'s\' OR text !~ "a \\"b\\" \\\\"',
    'cf-1.x != EMPTY AND (a = 1 OR b <= 2)',
    'labels not in ("ORDER BY")',
  ])('may be %s', (conditions) => {
    expect(fault(conditions)).toBeNull();
  });

  it.each([
    ['a = b) OR (project = SECRET', 'a closing parenthesis has no opening one.'],
    ['(a = b', 'an opening parenthesis is not closed.'],
    ['a = b ORDER BY x', 'use of ORDER is invalid. Enter JQL conditions only.'],
    ['a = "b', expect.stringContaining('is not closed')],
    ['a = "b\\n"', expect.stringContaining('is not closed')],
    ['a = b;', 'the character ; is not allowed outside quotation marks.'],
    ['a = b # x', 'the character # is not allowed outside quotation marks.'],
    ['a = \u0000', 'control characters are not allowed.'],
    [' ', 'enter JQL conditions, for example a = b.'],
  ])('may not be %j', (conditions, sentence) => {
    expect(fault(conditions)).toEqual(sentence);
  });

  it('stay inside the parentheses they are put in', () => {
    const piece = fc.constantFrom(
      '"',
      "'",
      '\\',
      '(',
      ')',
      ' ',
      'a',
      '=',
      'OR',
      '\\"',
      "\\'",
      '\\\\',
      '~',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const conditions = pieces.join('');
        fc.pre(fault(conditions) === null);
        const unquoted = `(${conditions})`.replace(/"(?:\\.|[^"])*"|'(?:\\.|[^'])*'/gs, '');
        const depths = [...unquoted].map((_, at) => {
          const before = unquoted.slice(0, at + 1);
          return before.split('(').length - before.split(')').length;
        });
        expect(unquoted).not.toMatch(/["'\\]/);
        expect(depths.pop()).toBe(0);
        expect(Math.min(...depths)).toBeGreaterThan(0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a field that is known to be a query', () => {
  const parameters = [
    parameter('words', text, { required: true }),
    parameter('project', { kind: 'identifier', maxLength: 9 }, { required: true }),
  ];
  const faults = (path: string, field: string, template: string, language = 'text') =>
    templateFaults(parameters, request('r', { path, query: [{ name: field, template, language }] })).map(
      ({ problem }) => problem,
    );

  it.each([
    ['/search', 'jql', 'project = X AND text ~ "{words}"', 'JQL'],
    ['/content', 'cql', 'space = X AND text ~ {words}', 'CQL'],
    ['/search/issues', 'q', 'repo:x {words}', 'search'],
    ['/services/data/v60.0/query', 'q', "SELECT Id FROM Case WHERE Subject = '{words}'", 'SOQL'],
  ])('is reported at %s where a text stands in it unquoted: %s', (path, field, template, title) => {
    expect(faults(path, field, template)).toEqual([`{words} stands unquoted in a query in ${title}`]);
  });

  it('is not where it is quoted, where the value is no text, is all of it, or the field is another', () => {
    expect(faults('/search', 'jql', 'project = X AND text ~ {words}', 'jql')).toEqual([]);
    expect(faults('/search', 'jql', 'project = {project} AND due < {now}')).toEqual([]);
    expect(faults('/search/issues', 'q', '{words}')).toEqual([]);
    expect(faults('/items', 'q', 'name: {words}')).toEqual([]);
  });
});
