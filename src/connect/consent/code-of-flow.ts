import type { Digest } from '../../domain/system.js';

/** How long a code may be typed, ms; how often, for one flow; and how often for all flows of one viewer while they are kept. */
export const CODE_LIFE = 5 * 60_000;
export const TRIES_OF_FLOW = 5;
export const TRIES_OF_VIEWER = 15;

/** Twenty letters without vowels: none is taken for another, and no words come up (RFC 8628 §6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The letters that a digest's text comes to; a digit that would favour some letters is passed over. */
const lettersOf = (text: string): string =>
  // The last digit of 256 bits holds four of them only.
  Array.from(text.slice(0, -1), (digit) => DIGITS.indexOf(digit))
    .filter((value) => value < 3 * LETTERS.length)
    .map((value) => LETTERS[value % LETTERS.length])
    .join('');

/**
 * The eight letters that follow from these texts, of which one must be secret: the same each time, so that nobody has to keep them.
 * Each of the 20⁸ codes is as likely as any other.
 */
export const codeFrom = (digest: Digest, texts: readonly (string | number)[]): string => {
  let letters = '';
  for (let round = 0; letters.length < LENGTH; round += 1)
    letters += lettersOf(digest.sha256(JSON.stringify(['code', ...texts, round])));
  return letters.slice(0, LENGTH);
};

/** A code as people read it: `BCDF-GHJK`. */
export const codeInWords = (code: string): string => `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;

/** What a person typed as a code, whatever case, spaces and hyphens they used; null for what cannot be one. */
export const readCode = (typed: string): string | null => {
  const code = typed.replace(/[\s\p{Pd}]+/gu, '').toUpperCase();
  return code.length === LENGTH && Array.from(code).every((letter) => LETTERS.includes(letter)) ? code : null;
};

/** Whether two digests are the same, found out in the same time wherever they differ. */
export const sameDigest = (one: string, other: string): boolean => {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1)
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
};
