/** A query that Mingle would answer with 422 and this very message. */
export class MqlError extends Error {}

export type TokenKind =
  | 'SELECT'
  | 'WHERE'
  | 'ORDER_BY'
  | 'ASC'
  | 'DESC'
  | 'AND'
  | 'OR'
  | 'NOT'
  | 'IN'
  | 'IS'
  | 'NULL'
  | 'CURRENT_USER'
  | 'IDENTIFIER'
  | 'OPEN_BRACE'
  | 'CLOSE_BRACE'
  | 'COMMA'
  | 'EQUAL'
  | 'NOT_EQUAL'
  | 'LESS_THAN'
  | 'LESS_THAN_OR_EQUAL'
  | 'GREATER_THAN'
  | 'GREATER_THAN_OR_EQUAL'
  | '$end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const keywords: readonly (readonly [RegExp, TokenKind])[] = [
  [/order\s+by(?![\w.])/iy, 'ORDER_BY'],
  [/current\s+user(?![\w.])/iy, 'CURRENT_USER'],
  [/select(?![\w.])/iy, 'SELECT'],
  [/where(?![\w.])/iy, 'WHERE'],
  [/asc(?![\w.])/iy, 'ASC'],
  [/desc(?![\w.])/iy, 'DESC'],
  [/and(?![\w.])/iy, 'AND'],
  [/or(?![\w.])/iy, 'OR'],
  [/not(?![\w.])/iy, 'NOT'],
  [/in(?![\w.])/iy, 'IN'],
  [/is(?![\w.])/iy, 'IS'],
  [/null(?![\w.])/iy, 'NULL'],
];

const signs: readonly (readonly [string, TokenKind])[] = [
  ['!=', 'NOT_EQUAL'],
  ['<=', 'LESS_THAN_OR_EQUAL'],
  ['>=', 'GREATER_THAN_OR_EQUAL'],
  ['<', 'LESS_THAN'],
  ['>', 'GREATER_THAN'],
  ['=', 'EQUAL'],
  ['(', 'OPEN_BRACE'],
  [')', 'CLOSE_BRACE'],
  [',', 'COMMA'],
];

const space = /\s+/y;
const quoted = /'([^']*)'|"([^"]*)"/y;
const bare = /[\p{L}\p{N}_.#:/@-]+/uy;

const at = (pattern: RegExp, text: string, index: number): RegExpExecArray | null => {
  pattern.lastIndex = index;
  return pattern.exec(text);
};

interface Read extends Token {
  readonly length: number;
}

const readToken = (text: string, index: number): Read => {
  for (const [pattern, kind] of keywords) {
    const found = at(pattern, text, index);
    if (found) return { kind, text: found[0], length: found[0].length };
  }
  const sign = signs.find(([mark]) => text.startsWith(mark, index));
  if (sign) return { kind: sign[1], text: sign[0], length: sign[0].length };
  const quote = at(quoted, text, index);
  if (quote) return { kind: 'IDENTIFIER', text: quote[1] ?? quote[2] ?? '', length: quote[0].length };
  const word = at(bare, text, index);
  if (word) return { kind: 'IDENTIFIER', text: word[0], length: word[0].length };
  throw parseError({ kind: 'IDENTIFIER', text: text.slice(index, index + 1) });
};

/** Mingle's sentence for a token that cannot stand where it stands. */
export const parseError = (token: Token): MqlError => {
  const value = token.kind === '$end' ? 'false' : JSON.stringify(token.text);
  return new MqlError(
    `parse error on value ${value} (${token.kind}). You may have a project variable, property, or tag with a name ` +
      'shared by a MQL keyword.  If this is the case, you will need to surround the variable, property, or tags with quotes.',
  );
};

/** Splits MQL into tokens, an `$end` last. Quotes of both kinds make names and values of several words. */
export const tokens = (text: string): readonly Token[] => {
  const found: Token[] = [];
  let index = 0;
  while (index < text.length) {
    const gap = at(space, text, index);
    if (gap) {
      index += gap[0].length;
      continue;
    }
    const token = readToken(text, index);
    found.push(token);
    index += token.length;
  }
  return [...found, { kind: '$end', text: '' }];
};
