import { describe, expect, it } from 'vitest';
import { oneLine } from '../../src/domain/one-line.js';

describe('A server’s words on one line', () => {
  it('hold no line end, no control character and nothing that turns the direction of text', () => {
    expect(oneLine(' a\r\n\tb\u0000\u001b[31mc\u202ed\u2066e\ufeff ', 100)).toBe('a b [31mc d e');
  });

  it('are cut between characters, never inside one', () => {
    expect(oneLine('😀'.repeat(9), 5)).toBe('😀😀😀😀…');
    expect(oneLine('😀'.repeat(5), 5)).toBe('😀'.repeat(5));
  });

  it('are none where nothing can be seen', () => {
    expect(oneLine(' \n\u200b', 10)).toBeNull();
  });
});
