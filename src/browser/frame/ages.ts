const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const formatter = (locale: string, style: 'long' | 'short'): Intl.RelativeTimeFormat => {
  try {
    return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style });
  } catch {
    return new Intl.RelativeTimeFormat('en', { numeric: 'auto', style });
  }
};

/**
 * Shows how long ago each `<time data-oriel-age>` was, in the viewer's language; the server's text, the full date, becomes its tooltip.
 * Returns a function that updates them.
 */
export const ages = (locale: string): (() => void) => {
  const long = formatter(locale, 'long');
  const short = formatter(locale, 'short');
  const inWords = (instant: number, format: Intl.RelativeTimeFormat): string => {
    const seconds = (instant - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
    // Clocks differ a little, but nothing was fetched in the future.
    return format.format(
      unit === 'second' ? Math.min(0, Math.round(seconds)) : Math.trunc(seconds / size),
      unit,
    );
  };
  return () => {
    for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-oriel-age]')) {
      const instant = Date.parse(element.dateTime);
      if (Number.isNaN(instant)) continue;
      if (element.title === '') element.title = element.textContent ?? '';
      const words = inWords(instant, element.dataset.orielAge === 'short' ? short : long);
      if (element.textContent !== words) element.textContent = words;
    }
  };
};
