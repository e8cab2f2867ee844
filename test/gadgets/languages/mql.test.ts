import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionsFault, quoteMql } from '../../../src/gadgets/languages/mql.js';

/** Another reading of quotes and brackets, written apart from ours: the depth after each character that is not quoted. */
const depths = (text: string, escapes: boolean): number[] => {
  const found: number[] = [];
  let depth = 0;
  let quote = '';
  for (const character of escapes ? text.replace(/\\./gs, '') : text) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === "'" || character === '"') quote = character;
    else depth += Number(character === '(') - Number(character === ')');
    if (quote === '') found.push(depth);
  }
  return quote === '' ? found : [...found, Number.NaN];
};

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      '(',
      ')',
      '\\',
      ' ',
      '--',
      '/*',
      '*/',
      ';',
      ',',
      '=',
      '>',
      '\n',
      'AND',
      'SELECT',
      "''",
    ),
    fc.string({ maxLength: 4 }),
  ),
  { maxLength: 14 },
);

describe('MQL conditions', () => {
  it.each([
    'Status = Done',
    "'Story Status' > 'Development in Progress'",
    'Type = Story AND (Owner = CURRENT USER OR Owner IS NULL)',
    '"Don\'t" = "select; me" and Größe IN (1, 2.5, -3)',
    "Status != 'a) OR (b'",
    "Status = ''",
  ])('lets the condition %s through', (conditions) => {
    expect(conditionsFault(conditions)).toBeNull();
  });

  it.each([
    ['SELECT name WHERE Type = Story', 'use of SELECT is invalid. Enter MQL conditions only.'],
    ['Type = Story group  by Status', 'use of GROUP BY is invalid. Enter MQL conditions only.'],
    ['Type = Story ORDER\nBY number', 'use of ORDER BY is invalid. Enter MQL conditions only.'],
    ["Type = Story AS OF '2010-01-01'", 'use of AS OF is invalid. Enter MQL conditions only.'],
    ["FROM TREE 'Planning' WHERE Type = Story", 'use of FROM TREE is invalid. Enter MQL conditions only.'],
    ['WHERE Type = Story', 'use of WHERE is invalid. Enter MQL conditions only.'],
    ['Owner = THIS CARD.Owner', 'THIS CARD is not supported.'],
    ['Type = Story) OR (1 = 1', 'a closing parenthesis has no opening one.'],
    ['(Type = Story', 'an opening parenthesis is not closed.'],
    ["Status = 'Done", "the quotation mark ' is not closed."],
    ["Status = 'a\\' OR 1 = 1'", 'backslashes and line breaks are not allowed between quotation marks.'],
    ['Status = 1 -- rest', 'the character - is not allowed outside quotation marks.'],
    ['Status = 1 /* rest', 'the character / is not allowed outside quotation marks.'],
    ['Status = 1; drop', 'the character ; is not allowed outside quotation marks.'],
    ['Status = \u0000', 'control characters are not allowed.'],
    [' \t', 'enter MQL conditions, for example Status = Done.'],
  ])('refuses %j and says why', (conditions, sentence) => {
    expect(conditionsFault(conditions)).toBe(sentence);
  });

  it('keeps whatever it accepts inside the parentheses it is put in', () => {
    fc.assert(
      fc.property(pieces, fc.boolean(), (texts, escapes) => {
        const conditions = texts.join('');
        fc.pre(conditionsFault(conditions) === null);
        const around = depths(`(${conditions})`, escapes);
        expect(around.slice(0, -1).every((depth) => depth >= 1)).toBe(true);
        expect(around.at(-1)).toBe(0);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('a quoted MQL text', () => {
  it('chooses the quotation mark that the text does not hold', () => {
    expect(quoteMql('Story Status')).toBe("'Story Status'");
    expect(quoteMql("Don't")).toBe('"Don\'t"');
  });

  it('has no way to hold both marks, a backslash or a control character', () => {
    expect(quoteMql('\'"')).toBeUndefined();
    expect(quoteMql('a\\')).toBeUndefined();
    expect(quoteMql('a\n')).toBeUndefined();
  });

  it('is a single quotation for other readers too', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, escapes) => {
        const quoted = quoteMql(text);
        fc.pre(quoted !== undefined);
        expect(depths(quoted, escapes)).toEqual([0]);
      }),
    );
  });
});
