import { escapeHtml, html, textOf } from '../html.js';
import { firstGroup } from '../patterns.js';

const LONGEST_NAME = 80;

/** Characters that have no place in a name: controls, line ends, and those that turn the direction of what follows. */
const UNSEEMLY = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

const shortened = (text: string, longest: number): string => {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
};

/** The text of an XML element or of a plain value; what has none is the empty string. */
export const text = textOf;

/** A name from outside as plain text, made harmless: at most 80 characters, none of which turn the direction of what follows. */
export const plainName = (value: unknown): string =>
  shortened(textOf(value).replace(UNSEEMLY, ' ').trim(), LONGEST_NAME);

/**
 * A name from outside, made harmless: at most 80 characters, isolated from the direction of the text around it (`<bdi>`),
 * inside `element` where one is named.
 */
export const name = (value: unknown, element?: 'strong'): object => {
  const isolated = `<bdi>${escapeHtml(plainName(value))}</bdi>`;
  return html(element === 'strong' ? `<strong>${isolated}</strong>` : isolated);
};

/** The first group of `pattern` in a text, or the empty string. */
export const capture = (value: unknown, pattern: RegExp): string => firstGroup(pattern, textOf(value)) ?? '';

/** A count with its word: `3 | plural("card", "cards")` is "3 cards". */
export const plural = (count: unknown, one: string, many: string): string => {
  const number = Number(textOf(count));
  return `${number} ${number === 1 ? one : many}`;
};

/** A name as many systems write it in their answers: `Story Status` is `story_status`. */
export const snake = (value: unknown): string =>
  textOf(value)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
