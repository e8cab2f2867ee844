import { cql } from './cql.js';
import { jql } from './jql.js';
import { mql } from './mql.js';
import type { QueryLanguage } from './query-language.js';
import { search } from './search.js';
import { soql } from './soql.js';
import { wiql } from './wiql.js';

/** The query languages by the names they have in a definition. A new one is its file and its line here. */
export const LANGUAGES = { mql, jql, cql, wiql, soql, search } as const satisfies Readonly<
  Record<string, QueryLanguage>
>;

export type LanguageName = keyof typeof LANGUAGES;

/** Whether there is a language of this name. */
export const isLanguage = (name: string): boolean => Object.hasOwn(LANGUAGES, name);

/** The language in which a query's field of this name is known to be read, at this path; null where it is none or not known. */
export const languageOfField = (field: string, path: string): LanguageName | null => {
  const name = field.toLowerCase();
  if (name === 'jql' || name === 'cql' || name === 'mql' || name === 'wiql') return name;
  if (name !== 'q' && name !== 'query') return null;
  if (/\/search(?:\/|$)/i.test(path)) return 'search';
  return /\/data\/v[\d.]+\/query/i.test(path) ? 'soql' : null;
};

/** The language of this name. Throws for a definition that was never checked. */
export const languageNamed = (name: string): QueryLanguage => {
  const language = isLanguage(name) ? LANGUAGES[name as LanguageName] : undefined;
  if (language === undefined) throw new Error(`a definition that was never checked: language ${name}`);
  return language;
};

/** Their names and themselves, in the order in which they are declared. */
export const languages = (): readonly (readonly [LanguageName, QueryLanguage])[] =>
  Object.entries(LANGUAGES) as [LanguageName, QueryLanguage][];
