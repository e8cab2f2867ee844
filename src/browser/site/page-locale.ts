/** The viewer's locale, as the server matched it; `lang` is only the language of the sentences. */
export const pageLocale = (): string => {
  const { dataset, lang } = document.documentElement;
  return dataset.orielLocale || lang || 'en';
};
