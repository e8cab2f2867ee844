/** The element's own sentences, shown while it has no frame; see `embed` in the catalogue. */
export type Words = Readonly<Record<'loading' | 'signedOut' | 'failed' | 'offline' | 'noAnswer', string>>;

/** All locales: this script runs in a host's page before our server is asked. The build inserts them. */
declare const ORIEL_EMBED_WORDS: Readonly<Record<string, Words>>;

/** The sentences for a language tag, and their locale. */
export interface Spoken {
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
  readonly words: Words;
}

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

const languageOf = (tag: string): string => (tag.split('-')[0] ?? '').toLowerCase();

export const wordsFor = (tag: string): Spoken => {
  const all = ORIEL_EMBED_WORDS;
  const exact = Object.hasOwn(all, tag) ? tag : undefined;
  const locale = exact ?? Object.keys(all).find((each) => languageOf(each) === languageOf(tag)) ?? 'en';
  const direction = RIGHT_TO_LEFT.includes(languageOf(locale)) ? 'rtl' : 'ltr';
  return { locale, direction, words: { ...all.en, ...all[locale] } as Words };
};
