import { bareRecord } from '../../domain/data.js';
import type { listFilters } from './lists.js';
import { type Formatters, readMoment, type ViewerLocale } from './times.js';

/** Filters that put items together by when they were, as the viewer's clocks have it. */
export const dayFilters = (
  { list, pluck }: Pick<ReturnType<typeof listFilters>, 'list' | 'pluck'>,
  viewer: Pick<ViewerLocale, 'timeZone'>,
  formatters: Formatters,
) => {
  /** A day as ISO 8601 has it. */
  const dayIn = (timeZone: string, moment: number): string => {
    const formatter = formatters.get('iso day', { locale: 'en', timeZone }, (locale, zone) => {
      const shown = { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: zone } as const;
      return new Intl.DateTimeFormat(locale, shown);
    });
    const parts = formatter.formatToParts(moment);
    return ['year', 'month', 'day']
      .map((wanted) => parts.find(({ type }) => type === wanted)?.value)
      .join('-');
  };

  return {
    /**
     * The items by the day of a time at a path, `2026-11-30`, on which it is in the viewer's time zone; what has no zone keeps its own day, and what
     * is no time is left out. Order is kept. The answer is a record without prototype.
     */
    byDay(value: unknown, path: string): Readonly<Record<string, readonly unknown[]>> {
      const days = bareRecord<unknown[]>();
      for (const item of list(value)) {
        const moment = readMoment(pluck(item, path)[0]);
        if (moment === null) continue;
        const day = dayIn(moment.kind === 'instant' ? viewer.timeZone : 'UTC', moment.at);
        days[day] ??= [];
        days[day].push(item);
      }
      return days;
    },
  };
};
