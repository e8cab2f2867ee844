import type { QueryLanguage } from './query-language.js';

/** A text between single quotation marks, which are written twice within it. */
const quoteWiql = (text: string): string | undefined =>
  /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) ? undefined : `'${text.replaceAll("'", "''")}'`;

/** The query language of Azure DevOps work items. A macro such as @Me is one only where the definition writes it. */
export const wiql: QueryLanguage = {
  title: 'WIQL',
  query: {
    description: 'A query in WIQL (Azure DevOps); {name} stands for a value, quoted as WIQL needs it',
    example: 'SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = {cards}',
  },
  write(value, { kind }) {
    return typeof value !== 'string' || kind === 'choice' ? String(value) : quoteWiql(value);
  },
  unwritable: 'cannot be written in WIQL, which knows no control characters.',
  conditions: null,
};
