import { clausesFault, quoteWithBackslashes } from './clauses.js';
import type { QueryLanguage } from './query-language.js';

const EXAMPLE = 'type = page AND label = howto';

/** Confluence's query language, whose texts and clauses are those of JQL. */
export const cql: QueryLanguage = {
  title: 'CQL',
  query: {
    description: 'A query in CQL (Confluence); {name} stands for a value, quoted as CQL needs it',
    example: 'space = {cards} AND type = page',
  },
  write(value, { kind }) {
    if (kind === 'conditions') return `(${value})`;
    return typeof value !== 'string' || kind === 'choice' ? String(value) : quoteWithBackslashes(value);
  },
  unwritable: 'cannot be written in CQL, which knows no control characters.',
  conditions: { example: EXAMPLE, fault: (text) => clausesFault(text, 'CQL', EXAMPLE) },
};
