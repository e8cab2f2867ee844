import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUrl } from '../../src/domain/parse-url.js';
import { render } from './support/try-template.js';

const link = (address: unknown): string => render('{{ address | link("text") }}', { address });

describe('a link', () => {
  it.each([
    [
      'https://mingle.example.com/projects/apollo/cards/95',
      'https://mingle.example.com/projects/apollo/cards/95',
    ],
    ['http://127.0.0.1:8080/a?b=c&d=e#f', 'http://127.0.0.1:8080/a?b=c&amp;d=e#f'],
    ['HTTPS://Example.com', 'https://example.com/'],
    ['https://user:secret@example.com/a', 'https://example.com/a'],
    ['https://example.com/"><script>', 'https://example.com/%22%3E%3Cscript%3E'],
    ["https://example.com/?q='", 'https://example.com/?q=%27'],
    ['https://exämple.com/ü', 'https://xn--exmple-cua.com/%C3%BC'],
  ])('leads from %s to %s, elsewhere, and sends no referrer', (address, href) => {
    expect(link(address)).toBe(
      `<a href="${href}" target="_blank" rel="noopener noreferrer nofollow">text</a>`,
    );
  });

  it.each([
    ['javascript:alert(1)'],
    ['java\tscript:alert(1)'],
    [' javascript:alert(1)'],
    ['\u0001javascript:alert(1)'],
    ['JaVaScRiPt:alert(1)'],
    ['data:text/html,<script>alert(1)</script>'],
    ['blob:https://example.com/x'],
    ['vbscript:x'],
    ['file:///etc/passwd'],
    ['mailto:a@example.com'],
    ['//evil.example'],
    ['\\\\evil.example'],
    ['/relative'],
    ['relative'],
    ['https:evil.example'],
    ['https:\\\\evil.example'],
    ['https://'],
    ['https://exa mple.com'],
    ['https://example.com/\n'],
    ['ht\ntps://example.com'],
    ['https://example.com:99999/'],
    [`https://example.com/${'x'.repeat(2048)}`],
    [''],
    [null],
    [undefined],
    [['https://example.com']],
    [{}],
  ])('is only its text where the address is %j', (address) => {
    expect(link(address)).toBe('text');
  });

  it('escapes its text, and is its own text where there is none', () => {
    expect(render('{{ a | link(t) }}', { a: 'javascript:1', t: '<b>' })).toBe('&lt;b&gt;');
    expect(render('{{ a | link }}', { a: 'javascript:"<b>"' })).toBe('javascript:&quot;&lt;b&gt;&quot;');
    expect(render('{{ a | link }}', { a: 'https://e.example/' })).toContain('>https://e.example/</a>');
  });
});

it('leads where the URL parser says, however an address is put together', () => {
  const plain = fc.constantFrom('a', 'B0', '.', '..', '/', '//', '?', '=', '&', '~', '_', '-', '...', '.b');
  const any = fc.oneof(
    plain,
    fc.constantFrom('%2e', '%41', '#', ':', '@', '\\', 'é', ':80', '127.1', 'example.com', '[::1]', '0x7f'),
  );
  const origin = fc.constantFrom(
    ...['https://example.com', 'http://example.com:80', 'https://EXAMPLE.com', 'http://127.1', 'http://a.0'],
    ...['http://10.0.0.1:8080', 'https://user@example.com', 'http://', 'HTTPS://a'],
  );
  const address = fc
    .tuple(origin, fc.oneof(fc.array(plain, { maxLength: 6 }), fc.array(any, { maxLength: 6 })))
    .map(([start, parts]) => start + parts.join(''));
  const byParser = (text: string): string | undefined => {
    const url = parseUrl(text);
    if (url === null) return undefined;
    url.username = '';
    url.password = '';
    return url.href;
  };
  fc.assert(
    fc.property(address, (text) => {
      const [, href] = /href="([^"]*)"/.exec(link(text)) ?? [];
      const read = href?.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
      expect(read).toBe(byParser(text));
    }),
    { numRuns: 3000 },
  );
});
