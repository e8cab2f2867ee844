import { MqlError, parseError, type Token, type TokenKind, tokens } from './lexer.js';

export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A value to compare with: text as written, the person who asks, or nothing. */
export type Value = { readonly text: string } | 'current user' | null;

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly column: string; readonly operator: Operator; readonly value: Value }
  | { readonly kind: 'in'; readonly column: string; readonly values: readonly Value[] };

export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** No columns means that the query named none. */
export interface Query {
  readonly columns: readonly string[];
  readonly where: Condition | null;
  readonly orderBy: readonly Order[];
}

const operators: Partial<Record<TokenKind, Operator>> = {
  EQUAL: '=',
  NOT_EQUAL: '!=',
  LESS_THAN: '<',
  LESS_THAN_OR_EQUAL: '<=',
  GREATER_THAN: '>',
  GREATER_THAN_OR_EQUAL: '>=',
};

const deepestNesting = 100;

/** A recursive-descent parser: OR binds weakest, then AND, then NOT. */
class Parser {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  query(): Query {
    const columns = this.#take('SELECT') ? this.#list(() => this.#expect('IDENTIFIER').text) : [];
    const bare = columns.length === 0 && !['WHERE', 'ORDER_BY', '$end'].includes(this.#next.kind);
    const where = this.#take('WHERE') || bare ? this.#or() : null;
    const orderBy = this.#take('ORDER_BY') ? this.#list(() => this.#order()) : [];
    this.#expect('$end');
    return { columns, where, orderBy };
  }

  conditions(): Condition | null {
    if (this.#next.kind === '$end') return null;
    for (const kind of ['SELECT', 'ORDER_BY'] as const) {
      if (this.#tokens.some((token) => token.kind === kind)) {
        throw new MqlError(`use of ${kind.replace('_', ' ')} is invalid. Enter MQL conditions only.`);
      }
    }
    const condition = this.#or();
    this.#expect('$end');
    return condition;
  }

  get #next(): Token {
    return this.#tokens[this.#index] ?? { kind: '$end', text: '' };
  }

  #take(kind: TokenKind): Token | null {
    if (this.#next.kind !== kind) return null;
    const token = this.#next;
    this.#index += 1;
    return token;
  }

  #expect(kind: TokenKind): Token {
    const token = this.#take(kind);
    if (!token) throw parseError(this.#next);
    return token;
  }

  #list<Item>(item: () => Item): readonly Item[] {
    const items = [item()];
    while (this.#take('COMMA')) items.push(item());
    return items;
  }

  #order(): Order {
    const column = this.#expect('IDENTIFIER').text;
    const descending = this.#take('DESC') !== null;
    if (!descending) this.#take('ASC');
    return { column, descending };
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#take('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#take('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Condition {
    this.#depth += 1;
    if (this.#depth > deepestNesting) throw parseError(this.#next);
    const condition: Condition = this.#take('NOT') ? { kind: 'not', of: this.#not() } : this.#simple();
    this.#depth -= 1;
    return condition;
  }

  #simple(): Condition {
    if (this.#take('OPEN_BRACE')) {
      const inner = this.#or();
      this.#expect('CLOSE_BRACE');
      return inner;
    }
    const column = this.#expect('IDENTIFIER').text;
    if (this.#take('IN')) {
      this.#expect('OPEN_BRACE');
      const values = this.#list(() => this.#value());
      this.#expect('CLOSE_BRACE');
      return { kind: 'in', column, values };
    }
    if (this.#take('IS')) {
      const operator = this.#take('NOT') ? '!=' : '=';
      return { kind: 'compare', column, operator, value: this.#value() };
    }
    const operator = operators[this.#next.kind];
    if (!operator) throw parseError(this.#next);
    this.#index += 1;
    return { kind: 'compare', column, operator, value: this.#value() };
  }

  #value(): Value {
    if (this.#take('CURRENT_USER')) return 'current user';
    if (this.#take('NULL')) return null;
    return { text: this.#expect('IDENTIFIER').text };
  }
}

/** `[SELECT a, b] [WHERE conditions] [ORDER BY c [ASC|DESC], …]`, or conditions alone. Throws MqlError. */
export const parseQuery = (text: string): Query => new Parser(text).query();

/** Conditions only, as a card list's `filters[mql]` takes them; null for none. Throws MqlError. */
export const parseConditions = (text: string): Condition | null => new Parser(text).conditions();
