const LONGEST = 64;
const KEPT = 1000;

const baseName = (tag: string): string | null => {
  try {
    return new Intl.Locale(tag).baseName;
  } catch {
    return null;
  }
};

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
  /** The first of these that is a BCP 47 tag, without extensions; else English. */
  locale(...said: readonly (string | null | undefined)[]): string;
  /** The IANA name, or UTC. */
  timeZone(said: string | undefined): string;
}

export const surroundings = (kept = KEPT): Surroundings => {
  const locales = remembering(baseName, kept);
  const zones = remembering(zoneName, kept);
  return {
    locale(...said) {
      for (const each of said) {
        const locale = locales(each ?? '');
        if (locale !== null) return locale;
      }
      return 'en';
    },
    timeZone: (said) => zones(said ?? '') ?? 'UTC',
  };
};
