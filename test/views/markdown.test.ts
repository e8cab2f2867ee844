import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlFaults } from './support/html-faults.js';
import { render } from './support/try-template.js';

const shown = (text: unknown): string => render('{{ text | markdown }}', { text });
const inside = (text: string): string =>
  shown(text).replace(/^<div class="oriel-markdown" dir="auto">([\s\S]*)<\/div>$/, '$1');
const REL = 'target="_blank" rel="noopener noreferrer nofollow"';

describe('Markdown', () => {
  it.each([
    ['one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'],
    ['# Title #', '<p><strong>Title</strong></p>'],
    [
      '**bold** *em* __b__ _e_ ~~gone~~ `a <b> *`',
      '<p><strong>bold</strong> <em>em</em> <strong>b</strong> <em>e</em> <del>gone</del> <code>a &lt;b&gt; *</code></p>',
    ],
    [
      '**a *b* c** snake_case_name 2 * 3 * 4',
      '<p><strong>a <em>b</em> c</strong> snake_case_name 2 * 3 * 4</p>',
    ],
    ['***both***', '<p><strong><em>both</em></strong></p>'],
    [
      '- one\n- two\n  - inner\n\n- three',
      '<ul><li>one</li><li>two<ul><li>inner</li></ul></li><li>three</li></ul>',
    ],
    ['3. three\n4. four', '<ol start="3"><li>three</li><li>four</li></ol>'],
    ['- [x] done\n- [ ] open', '<ul><li>☑ done</li><li>☐ open</li></ul>'],
    ['> quoted\n> > twice', '<blockquote><p>quoted</p><blockquote><p>twice</p></blockquote></blockquote>'],
    ['```js\nif (a < b)\n\n  c()\n```\nafter', '<pre tabindex="0">if (a &lt; b)\n\n  c()</pre><p>after</p>'],
    ['---', '<hr>'],
    ['a  \nb\\\nc \\*', '<p>a  <br>b<br>c *</p>'],
    ['<!-- a\ncomment -->x', '<p>x</p>'],
    ['<b>bold</b> &amp;', '<p>&lt;b&gt;bold&lt;/b&gt; &amp;amp;</p>'],
    ['*unfinished and **this', '<p>*unfinished and **this</p>'],
  ])('%j', (text, html) => {
    expect(inside(text)).toBe(html);
  });

  it('makes links of web addresses alone, and of images links to them', () => {
    expect(inside('[**a**](https://x.example/p?a=1&b=2 "t")')).toBe(
      `<p><a href="https://x.example/p?a=1&amp;b=2" ${REL}><strong>a</strong></a></p>`,
    );
    expect(inside('![shot](https://x.example/a.png)')).toBe(
      `<p><a href="https://x.example/a.png" ${REL}>shot</a></p>`,
    );
    expect(inside('see https://x.example/a_b_c.')).toBe(
      `<p>see <a href="https://x.example/a_b_c" ${REL}>https://x.example/a_b_c</a>.</p>`,
    );
    expect(inside('<https://x.example/>')).toContain('<a href="https://x.example/"');
    for (const address of [
      'javascript:alert(1)',
      'data:text/html,x',
      '//evil.example',
      'JaVaScRiPt:x',
      'vbscript:x',
    ])
      expect(inside(`[click](${address})`)).toBe('<p>click</p>');
    expect(
      inside('[a [b](https://x.example) c](https://y.example) [https://z.example](https://z.example)'),
    ).not.toMatch(/<a [^>]*>(?:(?!<\/a>).)*<a /);
  });

  it('of nothing is nothing', () => {
    for (const text of [undefined, null, '', ' \n', {}, []]) expect(shown(text)).toBe('');
  });

  it('is sound HTML whatever is written', () => {
    const piece = fc.constantFrom(
      ...[
        '**',
        '*',
        '_',
        '__',
        '~~',
        '`',
        '```',
        '\n',
        '\n\n',
        '- ',
        '1. ',
        '> ',
        '# ',
        '[',
        ']',
        '(',
        ')',
        '![',
        '<',
        '>',
      ],
      ...[
        'https://x.example/a',
        'javascript:alert(1)',
        '"',
        "'",
        '&',
        '\\',
        ' ',
        '  ',
        'word',
        '<img src=x onerror=alert(1)>',
      ],
      ...['](javascript:x)', '" onmouseover="x', '\u202e', '</div>', '<!--', '-->', '|'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        expect(htmlFaults(shown(pieces.join('')))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '*',
    '**a ',
    '_a ',
    '`',
    '`` ` ',
    '[',
    '[a](',
    '![',
    '<http://',
    '> ',
    '- a\n ',
    '\\',
    '~~',
    '<!--',
    'https://',
    '*a_',
    '(',
    ' ',
  ])('takes no longer than its length allows with %j again and again', (text) => {
    const long = text.repeat(20_000 / text.length);
    shown('warm');
    const started = performance.now();
    shown(long);
    expect(performance.now() - started).toBeLessThan(400);
  });
});
