import type { QueryLanguage } from './query-language.js';

/*
 * Mingle's query language, as far as a host page may write it: conditions (what stands after WHERE), never a whole query.
 * Nothing outside the alphabet below is let through, so that no other reader of the text sees its end elsewhere than we do.
 */

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'open' | 'close' | 'quoted' | 'other' };

const LEXEME =
  /(?<space>[ \t\r\n]+)|(?<word>[\p{L}\p{M}\p{N}_]+)|(?<quoted>'[^'\\\p{Cc}]*'|"[^"\\\p{Cc}]*")|(?<open>\()|(?<close>\))|(?<other><=|>=|!=|[=<>,.+*#:@]|\/(?!\*)|-(?!-))/uy;

/** Words that make conditions into something else, each as the words that follow one another. */
const REFUSED = [
  ['SELECT'],
  ['WHERE'],
  ['GROUP', 'BY'],
  ['ORDER', 'BY'],
  ['AS', 'OF'],
  ['FROM', 'TREE'],
] as const;

const notAToken = (text: string, at: number): string => {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === "'" || character === '"') {
    return text.includes(character, at + 1)
      ? 'backslashes and line breaks are not allowed between quotation marks.'
      : `the quotation mark ${character} is not closed.`;
  }
  return /\p{Cc}|\p{Cs}/u.test(character)
    ? 'control characters are not allowed.'
    : `the character ${character} is not allowed outside quotation marks.`;
};

/** The words, quotations and brackets of a text, or what is wrong with it. */
const lex = (text: string): readonly Token[] | string => {
  const tokens: Token[] = [];
  const lexeme = new RegExp(LEXEME);
  while (lexeme.lastIndex < text.length) {
    const at = lexeme.lastIndex;
    const groups = lexeme.exec(text)?.groups;
    if (groups === undefined) return notAToken(text, at);
    if (groups.word !== undefined) tokens.push({ kind: 'word', text: groups.word.toUpperCase() });
    else if (groups.open !== undefined) tokens.push({ kind: 'open' });
    else if (groups.close !== undefined) tokens.push({ kind: 'close' });
    else if (groups.quoted !== undefined) tokens.push({ kind: 'quoted' });
    else if (groups.other !== undefined) tokens.push({ kind: 'other' });
  }
  return tokens;
};

const follows = (tokens: readonly Token[], at: number, words: readonly string[]): boolean =>
  words.every((word, offset) => {
    const token = tokens[at + offset];
    return token?.kind === 'word' && token.text === word;
  });

const refusedWords = (tokens: readonly Token[]): string | null => {
  for (const at of tokens.keys()) {
    const words = REFUSED.find((each) => follows(tokens, at, each));
    if (words !== undefined) return `use of ${words.join(' ')} is invalid. Enter MQL conditions only.`;
    if (follows(tokens, at, ['THIS', 'CARD'])) return 'THIS CARD is not supported.';
  }
  return null;
};

const unbalanced = (tokens: readonly Token[]): string | null => {
  let depth = 0;
  for (const { kind } of tokens) {
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (depth < 0) return 'a closing parenthesis has no opening one.';
  }
  return depth === 0 ? null : 'an opening parenthesis is not closed.';
};

/**
 * What is wrong with these conditions, as the end of a sentence that starts with the parameter's title, or null. Accepted
 * conditions stay inside the parentheses they are put in. Whether Mingle understands them is for Mingle to say.
 */
export const conditionsFault = (conditions: string): string | null => {
  const tokens = lex(conditions);
  if (typeof tokens === 'string') return tokens;
  if (tokens.length === 0) return 'enter MQL conditions, for example Status = Done.';
  return refusedWords(tokens) ?? unbalanced(tokens);
};

/**
 * A name or value between quotation marks. Undefined when no quotation can hold it: MQL has no way to write both kinds of
 * marks in one text.
 */
export const quoteMql = (text: string): string | undefined => {
  if (/[\\\p{Cc}\p{Cs}]/u.test(text)) return undefined;
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? undefined : `"${text}"`;
};

/** Mingle's query language. Numbers are plain; a choice is the definition's own text and written as it is; conditions get parentheses of their own. */
export const mql: QueryLanguage = {
  title: 'MQL',
  query: {
    description: 'A query in MQL; {name} stands for a parameter, quoted as MQL needs it',
    example: 'SELECT name WHERE number IN ({cards})',
  },
  write(value, { kind }) {
    if (kind === 'conditions') return `(${value})`;
    return typeof value === 'number' || kind === 'choice' ? String(value) : quoteMql(String(value));
  },
  unwritable:
    'cannot be written in MQL, which knows no text with both kinds of quotation marks or a backslash.',
  conditions: { example: 'Status = Open', fault: conditionsFault },
};
