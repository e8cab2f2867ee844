const PRINTABLE = /^[ -~]$/;
const HALF_CHARACTER = /\p{Surrogate}/gu;

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

const units = (character: string): readonly number[] =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));

/** Double-quoted; what is not printable ASCII, or means something between such quotes, is written as an escape. */
const quoting =
  (special: string, escaped: (character: string) => string) =>
  (text: string): string => {
    const body = Array.from(text.replace(HALF_CHARACTER, '\ufffd'), (character) => {
      if (special.includes(character)) return `\\${character}`;
      return PRINTABLE.test(character) ? character : escaped(character);
    });
    return `"${body.join('')}"`;
  };

const codePoint = (character: string): number => character.codePointAt(0) ?? 0;
const inBraces = (character: string): string => `\\u{${hex(codePoint(character), 1)}}`;
const inEightDigits = (character: string): string => `\\U${hex(codePoint(character), 8)}`;

/**
 * Java reads `\uXXXX` before anything else, so that an escaped quotation mark or line end would end the literal: control characters
 * are written in octal instead.
 */
const forJava = (character: string): string =>
  codePoint(character) < 256
    ? `\\${codePoint(character).toString(8).padStart(3, '0')}`
    : units(character)
        .map((unit) => `\\u${hex(unit, 4)}`)
        .join('');

/** A text as a string literal of each language: whatever the text holds, it stays inside. Half characters become U+FFFD. */
export const literal = {
  node: quoting('"\\', inBraces),
  python: quoting('"\\', inEightDigits),
  // `#` starts an interpolation.
  ruby: quoting('"\\#', inBraces),
  java: quoting('"\\', forJava),
  // `$` starts a variable.
  php: quoting('"\\$', inBraces),
  go: quoting('"\\', inEightDigits),
} as const;

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** The value of an HTML attribute, with its quotes. U+0000, which HTML cannot hold, becomes U+FFFD. */
export const attribute = (text: string): string => {
  const escaped = text
    .replace(HALF_CHARACTER, '\ufffd')
    .replaceAll('\0', '\ufffd')
    .replace(/[&<>"']/g, (character) => HTML[character] ?? character)
    .replace(/[\t\n\f\r]/g, (character) => `&#${codePoint(character)};`);
  return `"${escaped}"`;
};
