import { pageLocale } from './page-locale.js';

/** Shows the page's times in this browser's time zone: the server doesn't know it and writes UTC. */
export const writeTimes = (): void => {
  const locale = pageLocale();
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' });
  for (const element of document.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
    const instant = Date.parse(element.dateTime);
    // A date without a time is the same in every zone.
    if (Number.isNaN(instant) || !element.dateTime.includes('T')) continue;
    element.textContent = format.format(instant);
    element.title = exact.format(instant);
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-oriel-zone]'))
    element.textContent = format.resolvedOptions().timeZone;
};
