import { describe, expect, it } from 'vitest';
import { originProblem } from '../../src/domain/url-problems.js';

describe('An origin that goes into a header', () => {
  it.each([';sandbox', ',x', '"x', "'x'", '`x', '{x}', '!x', '(x)', '..x'])(
    'has no host with “%s” in it',
    (end) => {
      const origin = `https://a.example${end}`;
      // Browsers' own parser takes them.
      expect(new URL(origin).origin).toBe(origin);
      expect(originProblem(origin)).toContain('characters that no name of a host has');
    },
  );

  it.each([
    'https://a_b.example',
    'https://xn--bcher-kva.example',
    'https://a.example.',
    'https://[::1]:3000',
    'http://127.0.0.1:3000',
  ])('may be %s', (origin) => expect(originProblem(origin)).toBeNull());
});
