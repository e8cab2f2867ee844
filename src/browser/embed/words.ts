/** What the element says while it has no frame, or none that shows anything; see `embed` in the catalogue. */
export type Words = Readonly<Record<'loading' | 'signedOut' | 'failed' | 'offline' | 'noAnswer', string>>;

/** By locale, all of them: this script runs in a host's page before any server of ours has said anything. The build writes them in. */
declare const ORIEL_EMBED_WORDS: Readonly<Record<string, Words>>;

/** The sentences for a reader of this language tag, and the locale that they are in. */
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
