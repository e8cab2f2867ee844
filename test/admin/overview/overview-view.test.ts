import { describe, expect, it } from 'vitest';
import { aboutWords } from '../../../src/admin/overview/overview-view.js';

describe('A duration that was estimated', () => {
  it.each([
    [{ ms: 0, over: false }, 'about 10 ms'],
    [{ ms: 83, over: false }, 'about 80 ms'],
    [{ ms: 999, over: false }, 'about 1.0 s'],
    [{ ms: 1234, over: false }, 'about 1.2 s'],
    [{ ms: 6400, over: true }, 'more than 6.4 s'],
  ])('%o is %s', (about, words) => {
    expect(aboutWords(about)).toBe(words);
  });
});
