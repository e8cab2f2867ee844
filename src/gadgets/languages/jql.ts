import { clausesFault, quoteWithBackslashes } from './clauses.js';
import type { QueryLanguage } from './query-language.js';

const EXAMPLE = 'status = Open AND assignee = currentUser()';

/** Jira's query language. Numbers and truth values are plain; a choice is the definition's own text; conditions get parentheses of their own. */
export const jql: QueryLanguage = {
  title: 'JQL',
  query: {
    description: 'A query in JQL (Jira); {name} stands for a value, quoted as JQL needs it',
    example: 'project = {cards} ORDER BY updated DESC',
  },
  write(value, { kind }) {
    if (kind === 'conditions') return `(${value})`;
    return typeof value !== 'string' || kind === 'choice' ? String(value) : quoteWithBackslashes(value);
  },
  unwritable: 'cannot be written in JQL, which knows no control characters.',
  conditions: { example: EXAMPLE, fault: (text) => clausesFault(text, 'JQL', EXAMPLE) },
};
