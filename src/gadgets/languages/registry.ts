import { mql } from './mql.js';
import type { QueryLanguage } from './query-language.js';

/** The query languages by the names they have in a definition. A new one is its file and its line here. */
export const LANGUAGES = { mql } as const satisfies Readonly<Record<string, QueryLanguage>>;

export type LanguageName = keyof typeof LANGUAGES;

/** Whether there is a language of this name. */
export const isLanguage = (name: string): boolean => Object.hasOwn(LANGUAGES, name);

/** The language of this name. Throws for a definition that was never checked. */
export const languageNamed = (name: string): QueryLanguage => {
  const language = isLanguage(name) ? LANGUAGES[name as LanguageName] : undefined;
  if (language === undefined) throw new Error(`a definition that was never checked: language ${name}`);
  return language;
};

/** Their names and themselves, in the order in which they are declared. */
export const languages = (): readonly (readonly [LanguageName, QueryLanguage])[] =>
  Object.entries(LANGUAGES) as [LanguageName, QueryLanguage][];
