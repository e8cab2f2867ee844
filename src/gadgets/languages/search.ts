import type { QueryLanguage } from './query-language.js';

/** A word that no search takes for an operator, a qualifier, an exclusion or a wildcard. */
const PLAIN = /^(?!(?:AND|OR|NOT|NEAR|TO)$)[\p{L}\p{N}_@][\p{L}\p{M}\p{N}_./@#-]*$/iu;

/**
 * A phrase. Searches differ in how a phrase holds quotation marks and backslashes, and find nothing by them: each becomes a space.
 * Undefined where nothing is left to look for.
 */
const phraseOf = (text: string): string | undefined => {
  const words = text.replace(/["“”„‟＂\\\p{Cc}\p{Cs}\u2028\u2029]+/gu, ' ').trim();
  if (words === '') return undefined;
  return PLAIN.test(words) ? words : `"${words}"`;
};

/** The words and qualifiers of searches such as GitHub's, GitLab's and Gmail's: `repo:{repo} is:open {words}`. */
export const search: QueryLanguage = {
  title: 'search',
  query: {
    description: 'Words and qualifiers of a search; {name} stands for a value, as one word or phrase',
    example: 'is:open author:{cards}',
  },
  write(value, { kind }) {
    return typeof value !== 'string' || kind === 'choice' ? String(value) : phraseOf(value);
  },
  unwritable: 'has nothing in it to search for.',
  conditions: null,
};
