import { describe, expect, it } from 'vitest';
import { codeFrom, formatCode, isSameDigest, parseCode } from '../../../src/connect/consent/typed-code.js';
import { systemDigest } from '../../../src/server/node-system.js';

const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const codes = Array.from({ length: 4000 }, (_, n) => codeFrom(systemDigest, ['flow', n]));

describe('A code that is typed', () => {
  it('is eight of twenty letters, the same for the same texts and another for others', () => {
    for (const code of codes) expect(code).toMatch(new RegExp(`^[${LETTERS}]{8}$`));
    expect(codeFrom(systemDigest, ['flow', 7])).toBe(codes[7]);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codeFrom(systemDigest, ['flow,7'])).not.toBe(codes[7]);
  });

  it('favours no letter at any place', () => {
    const mean = codes.length / LETTERS.length;
    for (let place = 0; place < 8; place += 1)
      for (const letter of LETTERS) {
        const count = codes.filter((code) => code[place] === letter).length;
        // Five standard deviations of a fair die with twenty sides.
        expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean * 0.95));
      }
  });

  it('is found even if a digest has too few letters', () => {
    let rounds = 0;
    const poor = {
      sha256: (text: string | Uint8Array): string => {
        rounds += 1;
        return rounds === 1 ? `${'_'.repeat(36)}ABCDEF8` : systemDigest.sha256(text);
      },
    };
    expect(codeFrom(poor, ['flow'])).toMatch(new RegExp(`^BCDFGH[${LETTERS}]{2}$`));
    expect(rounds).toBe(2);
  });

  it.each([
    ['BCDF-GHJK', 'BCDFGHJK'],
    ['bcdfghjk', 'BCDFGHJK'],
    [' b c d f — g h j k\n', 'BCDFGHJK'],
    ['BCDF‑GHJK', 'BCDFGHJK'],
    ['BCDF-GHJ', null],
    ['BCDF-GHJKL', null],
    ['ACDF-GHJK', null],
    ['BCDF.GHJK', null],
    ['ﬀCDFGHJK', null],
    ['', null],
  ])('read from %j is %j', (typed, code) => {
    expect(parseCode(typed)).toBe(code);
  });

  it('is written in two halves', () => {
    expect(formatCode('BCDFGHJK')).toBe('BCDF-GHJK');
  });
});

describe('Two digests', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'bbc', false],
    ['abc', 'ab', false],
    ['ab', 'abc', false],
    ['', '', true],
  ])('%j and %j are the same: %s', (one, other, same) => {
    expect(isSameDigest(one, other)).toBe(same);
  });
});
