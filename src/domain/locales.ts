/** BCP 47 tags are short; what is longer is no tag. */
const LONGEST_TAG = 64;

/** The locale that a tag names, without extensions; null for what is no BCP 47 tag. */
const localeOf = (tag: string): Intl.Locale | null => {
  if (tag === '' || tag.length > LONGEST_TAG) return null;
  try {
    return new Intl.Locale(new Intl.Locale(tag).baseName);
  } catch {
    return null;
  }
};

/** The tag in its canonical spelling, without extensions; null for what is no BCP 47 tag. */
export const canonicalTag = (tag: string): string | null => localeOf(tag)?.baseName ?? null;

/**
 * The one of `available` that a reader of `tag` is served with: the same, the same language in the same script, the same language; null
 * where there is none. So `de-AT` is served with `de`, `pt` with `pt-BR`, and `zh-TW` with `zh-Hans`.
 */
export const closestLocale = (tag: string, available: readonly string[]): string | null => {
  const wanted = localeOf(tag);
  if (wanted === null) return null;
  if (available.includes(wanted.baseName)) return wanted.baseName;
  const sameLanguage = available.filter((each) => localeOf(each)?.language === wanted.language);
  const { script } = wanted.maximize();
  return sameLanguage.find((each) => localeOf(each)?.maximize().script === script) ?? sameLanguage[0] ?? null;
};

/** The tags of an `Accept-Language` header (RFC 9110 §12.5.4), the most wanted first. */
export const acceptedTags = (header: string): readonly string[] =>
  header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((each) => each.trim());
      const quality = parameters.find((each) => each.startsWith('q='))?.slice(2) ?? '1';
      return { tag, quality: Number(quality) || 0 };
    })
    .filter(({ tag, quality }) => tag !== '' && tag !== '*' && quality > 0)
    .toSorted((one, other) => other.quality - one.quality)
    .map(({ tag }) => tag);

const RIGHT_TO_LEFT: ReadonlySet<string | undefined> = new Set([
  'Adlm',
  'Arab',
  'Hebr',
  'Mand',
  'Nkoo',
  'Rohg',
  'Samr',
  'Syrc',
  'Thaa',
]);

/** Which way the script of a locale is written. */
export const directionOf = (locale: string): 'ltr' | 'rtl' =>
  RIGHT_TO_LEFT.has(localeOf(locale)?.maximize().script) ? 'rtl' : 'ltr';
