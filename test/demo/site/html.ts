/** Markup that is safe to send: made by `html`, so everything put into it was escaped. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a template: text and numbers are escaped, Html is taken as it is, the rest shows nothing. */
export type Piece = string | number | Html | null | undefined | false | readonly Piece[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes for element text and quoted attributes, in HTML and in XML. */
export const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

const markupOf = (piece: Piece): string => {
  if (piece instanceof Html) return piece.toString();
  if (typeof piece === 'string') return escapeMarkup(piece);
  if (typeof piece === 'number') return String(piece);
  if (!piece) return '';
  return piece.map(markupOf).join('');
};

/** A template whose values are escaped unless they are Html themselves. */
export const html = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(String.raw({ raw: strings }, ...pieces.map(markupOf)));

/** The same for XML, where HTML's five entities are enough once the characters that XML 1.0 forbids are gone. */
export const xml = (strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html =>
  new Html(
    html(strings, ...pieces)
      .toString()
      .replace(forbiddenInXml, ''),
  );

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove.
const forbiddenInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
