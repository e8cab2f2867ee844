/*
 * What JQL and CQL have in common: texts between quotation marks, in which a backslash escapes, and clauses joined by words. Nothing
 * outside the alphabet below is let through, so that no other reader of the text sees its end elsewhere than we do.
 */

/** A text between double quotation marks; undefined for one with characters that no query holds. */
export const quoteWithBackslashes = (text: string): string | undefined =>
  /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) ? undefined : `"${text.replace(/[\\"]/g, '\\$&')}"`;

const LEXEME =
  /[ \t\r\n]+|(?<word>[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_.@-]*)|"(?:[^"\\\p{Cc}]|\\["'\\])*"|'(?:[^'\\\p{Cc}]|\\["'\\])*'|(?<bracket>[()])|!?~|[<>!]=?|[=,]|-\d+[smhdwMy]?/uy;

const notAToken = (text: string, at: number): string => {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === '"' || character === "'")
    return `the quotation mark ${character} is not closed, or a backslash is not followed by a quotation mark or a backslash.`;
  return /\p{Cc}|\p{Cs}/u.test(character)
    ? 'control characters are not allowed.'
    : `the character ${character} is not allowed outside quotation marks.`;
};

interface Token {
  readonly word: string | undefined;
  readonly bracket: string | undefined;
}

/** The words, texts and brackets of clauses, or what is wrong with them. */
const lex = (text: string): readonly Token[] | string => {
  const tokens: Token[] = [];
  const lexeme = new RegExp(LEXEME);
  while (lexeme.lastIndex < text.length) {
    const at = lexeme.lastIndex;
    const groups = lexeme.exec(text)?.groups;
    if (groups === undefined) return notAToken(text, at);
    tokens.push({ word: groups.word?.toUpperCase(), bracket: groups.bracket });
  }
  return tokens;
};

const unbalanced = (tokens: readonly Token[]): string | null => {
  let depth = 0;
  for (const { bracket } of tokens) {
    if (bracket !== undefined) depth += bracket === '(' ? 1 : -1;
    if (depth < 0) return 'a closing parenthesis has no opening one.';
  }
  return depth === 0 ? null : 'an opening parenthesis is not closed.';
};

/** What is wrong with clauses that stand in parentheses within a query; null for those that stay inside them. */
export const clausesFault = (text: string, title: string, example: string): string | null => {
  const tokens = lex(text);
  if (typeof tokens === 'string') return tokens;
  if (!tokens.some(({ word }) => word !== undefined))
    return `enter ${title} conditions, for example ${example}.`;
  const refused = tokens.find(({ word }) => word === 'ORDER' || word === 'SELECT')?.word;
  if (refused !== undefined) return `use of ${refused} is invalid. Enter ${title} conditions only.`;
  return unbalanced(tokens);
};
