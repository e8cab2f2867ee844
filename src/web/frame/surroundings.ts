import type { Sentences } from '../../views/view-models.js';
import { acceptedLocale, spokenLocale } from '../locale.js';

const LONGEST = 64;
const KEPT = 1000;

const zoneName = (zone: string): string | null => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
};

/** Remembers answers about short texts: asking Intl takes longer than the rest of a launch. */
const remembering = (
  read: (text: string) => string | null,
  kept: number,
): ((text: string) => string | null) => {
  const known = new Map<string, string | null>();
  return (text) => {
    if (text === '' || text.length > LONGEST) return null;
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= kept) known.clear();
    const answer = read(text);
    known.set(text, answer);
    return answer;
  };
};

/** What the viewer's surroundings are, from what a page says of them; nothing a page says can make it fail. */
export interface Surroundings {
  /**
   * The first of these that is a BCP 47 tag, without extensions; else what the browser accepts. English where there are no sentences for
   * that language.
   */
  locale(said: readonly (string | null | undefined)[], acceptLanguage: string): string;
  /** The IANA name, or UTC. */
  timeZone(said: string | undefined): string;
}

export const surroundings = (sentences: Pick<Sentences, 'locales'>, kept = KEPT): Surroundings => {
  const locales = remembering((tag) => spokenLocale(sentences, tag), kept);
  const accepted = remembering((header) => acceptedLocale(sentences, header), kept);
  const zones = remembering(zoneName, kept);
  return {
    locale(said, acceptLanguage) {
      for (const each of said) {
        const locale = locales(each ?? '');
        if (locale !== null) return locale;
      }
      return accepted(acceptLanguage.slice(0, LONGEST)) ?? 'en';
    },
    timeZone: (said) => zones(said ?? '') ?? 'UTC',
  };
};
