import { acceptedTags, canonicalTag, closestLocale } from '../domain/locales.js';
import type { Sentences } from '../views/view-models.js';
import type { Context } from './context.js';

type Available = Pick<Sentences, 'locales'>;

/** English is what is left. */
const FALLBACK = 'en';

/** The locale of this tag, where there are sentences for its language; else English, in which dates and numbers are then written too. */
export const spokenLocale = ({ locales }: Available, tag: string): string | null => {
  const canonical = canonicalTag(tag);
  if (canonical === null) return null;
  return closestLocale(canonical, locales) === null ? FALLBACK : canonical;
};

/** The first language of an `Accept-Language` header that there are sentences for. */
export const acceptedLocale = ({ locales }: Available, header: string): string => {
  const tag = acceptedTags(header).find((each) => closestLocale(each, locales) !== null);
  return (tag === undefined ? null : canonicalTag(tag)) ?? FALLBACK;
};

/**
 * The locale of the reader of this answer: what the launch, the flow or the session said, else `locale` of a page's address, else the
 * browser's languages.
 */
export const viewerLocale = (ctx: Context, available: Available): string => {
  const { locale } = ctx.query;
  ctx.state.locale ??=
    (typeof locale === 'string' ? spokenLocale(available, locale) : null) ??
    acceptedLocale(available, ctx.get('Accept-Language').slice(0, 500));
  return ctx.state.locale;
};
