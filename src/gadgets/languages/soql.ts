import type { QueryLanguage } from './query-language.js';

/** A text between single quotation marks, in which a backslash escapes. */
const quoteSoql = (text: string): string | undefined =>
  /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) ? undefined : `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Salesforce's query language. Dates stand without quotation marks. */
export const soql: QueryLanguage = {
  title: 'SOQL',
  query: {
    description: 'A query in SOQL (Salesforce); {name} stands for a value, quoted as SOQL needs it',
    example: 'SELECT Id, Subject FROM Case WHERE OwnerId = {cards}',
  },
  write(value, { kind }) {
    const isPlain = typeof value !== 'string' || kind === 'choice' || kind === 'date';
    return isPlain ? String(value) : quoteSoql(value);
  },
  unwritable: 'cannot be written in SOQL, which knows no control characters.',
  conditions: null,
};
