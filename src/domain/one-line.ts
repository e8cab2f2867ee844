// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters and those that turn the direction of text are what goes
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\s]+/g;

/** A server's own words on one line, cut to so many characters; null when nothing is left. They are still to be escaped. */
export const oneLine = (text: string, most: number): string | null => {
  const characters = [
    ...text
      .slice(0, 4 * most)
      .replace(UNSHOWABLE, ' ')
      .trim(),
  ];
  if (characters.length === 0) return null;
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
};
