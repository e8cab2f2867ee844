/** The viewer's locale, as the server matched it: `lang` is that of the sentences alone. */
export const pageLocale = (): string => {
  const { dataset, lang } = document.documentElement;
  return dataset.orielLocale || lang || 'en';
};
