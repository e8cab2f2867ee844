import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Format } from '../../../src/domain/gadget.js';
import { parse } from '../../../src/upstream/readers/parse.js';

const read = (format: Format, text: string): unknown => {
  const parsed = parse(format, text);
  return 'data' in parsed ? parsed.data : parsed.code;
};

/** Whatever stands above it holds no name, cannot be given one, and leads nowhere. */
const expectNothingInherited = (value: object): void => {
  const above = Object.getPrototypeOf(value);
  expect(Reflect.ownKeys(above)).toEqual([Symbol.toPrimitive]);
  expect([Object.isFrozen(above), Object.getPrototypeOf(above)]).toEqual([true, null]);
};

/** Frozen to its depth, and without anything to reach through. */
const expectPlain = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  if (!Array.isArray(value)) expectNothingInherited(value);
  for (const inner of Object.values(value)) expectPlain(inner);
};

describe('JSON', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const data = read('json', text);
        if (/\d{16}/.test(text)) return;
        expect(JSON.stringify(data)).toBe(JSON.stringify(JSON.parse(text)));
        expectPlain(data);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '01',
    '1.',
    '+1',
    'nul',
    'NaN',
    '"\n"',
    '"\\x"',
    '1 2',
    '[1]]',
  ])('refuses %j', (text) => expect(read('json', text)).toMatch(/^json-syntax at \d+$/));

  it.each(['', ',"n":9007199254740993'])(
    'takes the last of repeated names, and any name for a name%s',
    (more) => {
      const text = `{"a":1,"a":2,"b":{"c":1,"\\u0063":2},"__proto__":{"x":1},"constructor":3${more}}`;
      const data = read('json', text);
      expectPlain(data);
      expect(Object.entries(data as object).slice(0, 4)).toEqual([
        ['a', 2],
        ['b', { c: 2 }],
        ['__proto__', { x: 1 }],
        ['constructor', 3],
      ]);
    },
  );

  it('keeps numbers exactly that a double cannot hold', () => {
    expect(read('json', '[9007199254740991,9007199254740993,-12345678901234567890,1e999,1.5]')).toEqual([
      9007199254740991,
      '9007199254740993',
      '-12345678901234567890',
      '1e999',
      1.5,
    ]);
  });

  it('refuses absurd nesting, however deep', () => {
    expect(read('json', `${'['.repeat(64)}${']'.repeat(64)}`)).toBeInstanceOf(Array);
    expect(read('json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBe('too-deep');
    expect(read('json', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)).toBe('too-deep');
  });

  it.each([
    ['', 'numbers that a double holds'],
    ['9007199254740993,', 'one number that no double holds'],
  ])('is bounded in values and depth, starting with %j: %s', (first) => {
    const many = Array(260_000).fill('1').join(',');
    expect(read('json', `[${first}${many}]`)).toBe('too-many-values');
    expect(read('json', `{"a":[${first}1],"b":[${Array(130_000).fill('{"c":1}').join(',')}]}`)).toBe(
      'too-many-values',
    );
    expect(read('json', `[${first}${'['.repeat(100)}${']'.repeat(100)}]`)).toBe('too-deep');
  });

  it('reads a text of megabytes', () => {
    const long = 'x"\\'.repeat(400_000);
    expect(read('json', JSON.stringify(long))).toBe(long);
  });
});

describe('XML', () => {
  it('reads elements as texts and records, and converts nothing', () => {
    const text = `<?xml version="1.0"?><cards type="array">
      <card><number type="integer">007</number><name>1e5 &lt;b&gt; &#x2014; &#8364;</name><owner nil="true"/></card>
      <card><number type="integer">8</number><name><![CDATA[<i>&amp;</i>]]></name><empty/></card></cards>`;
    const data = read('xml', text);
    expect(JSON.parse(JSON.stringify(data))).toEqual({
      cards: {
        '@type': 'array',
        card: [
          {
            number: { '@type': 'integer', '#text': '007' },
            name: '1e5 <b> — €',
            owner: { '@nil': 'true' },
          },
          { number: { '@type': 'integer', '#text': '8' }, name: '<i>&amp;</i>', empty: '' },
        ],
      },
    });
    expectPlain(data);
  });

  it.each([
    ['<a><b>', 'xml-syntax at 6'],
    ['<a></b>', 'xml-syntax at 7'],
    ['<a x="1" x="2"/>', 'xml-syntax at 16'],
    ['words', 'xml-syntax at 5'],
    ['', 'xml-syntax at 0'],
    ['<a/><b/>', 'xml-syntax at 7'],
    ['<!-- x --><!doctype a SYSTEM "file:///etc/passwd"><a/>', 'xml-syntax at 19'],
    ['<!DOCTYPE a [<!ENTITY % l SYSTEM "http://elsewhere.example/x"> %l;]><a/>', 'xml-doctype'],
    ['<a>Q & A</a>', 'xml-syntax at 12'],
    ['<a b=c/>', 'xml-syntax at 6'],
    ['\n <?xml version="1.0"?>\r\n<a b=c/>', 'xml-syntax at 31'],
    ['<!DOCTYPE a [<!ENTITY l. "x">]><a>&l.;</a>', 'xml-doctype'],
    [`${'<a>'.repeat(80)}${'</a>'.repeat(80)}`, 'too-deep'],
    [`<a>${'<b/>'.repeat(260_000)}</a>`, 'too-many-values'],
    [`<a ${Array.from({ length: 260_000 }, (_, n) => `a${n}=""`).join(' ')}/>`, 'too-many-values'],
  ])('refuses %s', (text, code) => expect(read('xml', text)).toBe(code));

  it('expands no entity but the five that XML has, and each once', () => {
    expect(read('xml', '<a>&amp;lt; &nbsp; &copy; &#0; &#xD800;</a>')).toEqual({
      a: '&lt; &nbsp; &copy; &#0; &#xD800;',
    });
  });

  it('takes every name for a name', () => {
    const data = read('xml', '<a><constructor>1</constructor><__proto__ x="1">2</__proto__><__proto__/></a>');
    expectPlain(data);
    const { a } = data as { a: object };
    expect(Object.entries(a)).toEqual([
      ['constructor', '1'],
      ['__proto__', [{ '@x': '1', '#text': '2' }, '']],
    ]);
    expect(read('xml', '<a>&constructor; &toString;</a>')).toEqual({ a: '&constructor; &toString;' });
  });

  it('passes over a document type that declares no entity, and over what stands before the declaration', () => {
    expect(read('xml', '<!DOCTYPE a><a>1</a>')).toEqual({ a: '1' });
    const external =
      '<!DOCTYPE a PUBLIC "-//X//Y" "http://elsewhere.example/a.dtd" [<!ELEMENT a ANY>]><a>1</a>';
    expect(read('xml', external)).toEqual({ a: '1' });
    expect(read('xml', '\r\n <?xml version="1.0"?>\n<a>1</a>')).toEqual({ a: '1' });
  });

  it('takes a document type in a text for text', () => {
    expect(read('xml', '<a><![CDATA[<!DOCTYPE html>]]></a>')).toEqual({ a: '<!DOCTYPE html>' });
  });

  it.each(['<!--', '<![CDATA[', '<?x '])(
    'refuses an answer full of %s without end as fast as it is read',
    (opening) => {
      const startedAt = performance.now();
      expect(read('xml', `<a>${opening.repeat(100_000)}`)).toMatch(/^xml-syntax at \d+$/);
      expect(performance.now() - startedAt).toBeLessThan(5000);
    },
  );
});

describe('any text at all', () => {
  const bits = fc.constantFrom(
    '<a>',
    '</a>',
    '<',
    '&',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<?',
    '<!DOCTYPE',
    '"',
    '{',
    ',',
    ':',
    '[',
    '\\u',
    'feed',
    '__proto__',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(bits, fc.string())).map((parts) => parts.join('')),
  );

  it('is read into frozen plain data or refused by a stable name, in every format', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom<Format>('json', 'xml', 'atom', 'text'), (text, format) => {
        const parsed = parse(format, text);
        if ('data' in parsed) expectPlain(parsed.data);
        else expect(parsed.code).toMatch(/^[a-z-]+(?: at \d+)?$/);
      }),
      { numRuns: 3000 },
    );
  });
});
