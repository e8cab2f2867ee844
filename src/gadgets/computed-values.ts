import { firstDayOf, rfc3339, wallClock, weekdayOf, whenShown } from '../views/zone-times.js';
import { type ComputedName, isMoment } from './template-parts.js';

/** What computed values are made of: the rendering's moment, the viewer's zone and language, and whose account answers. */
export interface Facts {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly timeZone: string;
  readonly locale: string;
  /** Null where the provider does not tell. */
  readonly account: string | null;
  /** What was fixed when the viewer connected, by the names of the provider's record. */
  readonly facts?: Readonly<Record<string, string>>;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** A moment as a zone's clocks show it, before days are added. `now` is the beginning of its minute, so that answers can be shared in it. */
const wallOf = (name: string, { now, timeZone, locale }: Facts): number => {
  const wall = wallClock(now, timeZone);
  if (name === 'now') return Math.floor(wall / MINUTE) * MINUTE;
  const today = Math.floor(wall / DAY) * DAY;
  if (name === 'today.end') return today + DAY - SECOND;
  if (name === 'today.start') return today;
  const since = (weekdayOf(today) - firstDayOf(locale) + 7) % 7;
  return today - since * DAY;
};

/** Whole seconds until the viewer's day ends. */
export const secondsLeftOfDay = ({ now, timeZone }: Pick<Facts, 'now' | 'timeZone'>): number => {
  const wall = wallClock(now, timeZone);
  return Math.floor((DAY - (wall % DAY)) / SECOND);
};

/** A computed value as text; undefined where it is not known. */
export const computedValue = (name: ComputedName, days: number, facts: Facts): string | undefined => {
  if (isMoment(name))
    return rfc3339(whenShown(wallOf(name, facts) + days * DAY, facts.timeZone), facts.timeZone);
  if (name === 'time-zone') return facts.timeZone;
  if (name.startsWith('facts.')) {
    const fact = name.slice('facts.'.length);
    return Object.hasOwn(facts.facts ?? {}, fact) ? facts.facts?.[fact] : undefined;
  }
  return name === 'locale' ? facts.locale : (facts.account ?? undefined);
};
