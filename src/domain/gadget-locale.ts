import type { Gadget } from './gadget.js';
import { closestLocale } from './locales.js';

/** In this locale there is every text of a gadget that has any. */
export const baseLocaleOf = (locales: readonly string[]): string | undefined =>
  locales.includes('en') ? 'en' : locales[0];

/** The one of a gadget's own locales that a reader is served with; null where it has none. */
const localeOfTexts = ({ texts }: Pick<Gadget, 'texts'>, locale: string): string | null => {
  const locales = Object.keys(texts);
  return closestLocale(locale, locales) ?? baseLocaleOf(locales) ?? null;
};

/** Locales of which a gadget's own is remembered: looking for it takes as long as a dozen rows of a table. */
const MOST_LOCALES = 200;
const made = new WeakMap<Gadget, Map<string, Gadget>>();

/** What the values of a parameter are called. */
const labelsOf = (
  texts: Readonly<Record<string, string>>,
  name: string,
): { readonly labels?: Readonly<Record<string, string>> } => {
  const prefix = `values.${name}.`;
  const labels = Object.entries(texts).flatMap(([key, text]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), text] as const] : [],
  );
  return labels.length === 0 ? {} : { labels: Object.fromEntries(labels) };
};

const translated = (gadget: Gadget, locale: string): Gadget => {
  const found = localeOfTexts(gadget, locale);
  const texts = found === null ? undefined : gadget.texts[found];
  if (texts === undefined) return gadget;
  const { title = gadget.title, description = gadget.description } = texts;
  const parameters = gadget.parameters.map((each) => ({
    ...each,
    title: texts[`parameters.${each.name}`] ?? each.title,
    ...labelsOf(texts, each.name),
  }));
  return { ...gadget, title, description, parameters };
};

/** The gadget in the language of this locale's reader: title, description, and what its parameters and their values are called. */
export const gadgetIn = (gadget: Gadget, locale: string): Gadget => {
  const known = made.get(gadget) ?? new Map<string, Gadget>();
  const before = known.get(locale);
  if (before !== undefined) return before;
  made.set(gadget, known);
  if (known.size >= MOST_LOCALES) known.clear();
  const fresh = translated(gadget, locale);
  known.set(locale, fresh);
  return fresh;
};
