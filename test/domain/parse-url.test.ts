import { describe, expect, it } from 'vitest';
import { parseUrl } from '../../src/domain/parse-url.js';

describe('A URL', () => {
  it.each([
    ['https://exämple.com/ü', undefined, 'https://xn--exmple-cua.com/%C3%BC'],
    ['/projekte/größe?q=ß', 'https://example.com/a', 'https://example.com/projekte/gr%C3%B6%C3%9Fe?q=%C3%9F'],
  ])('is read from %s however often that was done before', (text, base, href) => {
    const read = new Set(Array.from({ length: 20_000 }, () => parseUrl(text, base)?.href));
    expect([...read]).toEqual([href]);
  });

  it.each([
    ['', undefined],
    ['nothing', undefined],
    ['https://', 'https://example.com'],
    ['/a', 'b'],
  ])('is null where %s names none', (text, base) => {
    expect(parseUrl(text, base)).toBeNull();
  });
});
