import { LRUCache } from 'lru-cache';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const clocks = new LRUCache<string, Intl.DateTimeFormat>({ max: 200 });

const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = clocks.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en', {
    ...{ timeZone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  clocks.set(timeZone, made);
  return made;
};

/** What the clocks of a zone show, as if it were UTC, in epoch milliseconds. */
export const wallClock = (at: number, timeZone: string): number => {
  const of: Record<string, number> = {};
  for (const { type, value } of clockOf(timeZone).formatToParts(at)) of[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = of;
  return Date.UTC(year, month - 1, day, hour, minute, second);
};

/** When the clocks of a zone show this; where they never do, as in the hour that is skipped in spring, the moment after. */
export const whenShown = (wall: number, timeZone: string): number => {
  const offset = (at: number): number => wallClock(at, timeZone) - Math.floor(at / SECOND) * SECOND;
  const first = wall - offset(wall);
  const second = wall - offset(first);
  return wallClock(second, timeZone) === wall ? second : Math.max(first, second);
};

const two = (value: number): string => String(value).padStart(2, '0');

/** RFC 3339 with the zone's offset at that moment. */
export const rfc3339 = (at: number, timeZone: string): string => {
  const whole = Math.floor(at / SECOND) * SECOND;
  const wall = wallClock(whole, timeZone);
  const minutes = Math.round((wall - whole) / MINUTE);
  const text = new Date(wall).toISOString().slice(0, 19);
  if (minutes === 0) return `${text}Z`;
  const far = Math.abs(minutes);
  return `${text}${minutes < 0 ? '-' : '+'}${two(Math.floor(far / 60))}:${two(far % 60)}`;
};

/** The day of the week that a clock shows: 0 is Sunday. */
export const weekdayOf = (wall: number): number => new Date(wall).getUTCDay();

/** The first day of a week where this language is spoken: 1 is Monday, 7 Sunday. */
export const firstDayOf = (locale: string): number => {
  try {
    const known = new Intl.Locale(locale) as Intl.Locale & {
      readonly getWeekInfo?: () => { readonly firstDay: number };
      readonly weekInfo?: { readonly firstDay: number };
    };
    return (known.getWeekInfo?.() ?? known.weekInfo)?.firstDay ?? 1;
  } catch {
    return 1;
  }
};
