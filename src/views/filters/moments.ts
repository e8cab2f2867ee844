import { textOf } from '../html.js';

/**
 * What a text or number says about time: an instant; a day and time without a zone, which is the same wherever it is read; a day. `at` is epoch
 * milliseconds, of what has no zone as if it were UTC; `written` is what stands in an element's `datetime`.
 */
export interface Moment {
  readonly kind: 'instant' | 'local' | 'day';
  readonly at: number;
  readonly written: string;
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/;
/** ISO 8601's basic form, as calendars have it. */
const BASIC =
  /^((?:19|20)\d{2})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(?:(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?:\d{2})?)?)?$/;
/** RFC 822 with the years of RFC 1123, as feeds and mail have it. */
const RFC_822 =
  /^(?:[A-Za-z]{3}, *)?(\d{1,2}) ([A-Za-z]{3}) (\d{4}|\d{2}) (\d{2}):(\d{2})(?::(\d{2}))?(?: *([A-Za-z]{1,3}|[+-]\d{4}))?$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** The zones of RFC 822 §5.1, in hours. */
const ZONES: Readonly<Record<string, number>> = {
  ...{ z: 0, ut: 0, utc: 0, gmt: 0 },
  ...{ est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 },
};

const MINUTE = 60_000;
/** Up to here a number counts seconds, which is the year 5138; from here milliseconds, which is 1973. */
const MILLISECONDS_FROM = 1e11;
const SECONDS = /^\d{10}(\.\d+)?$/;
const MILLISECONDS = /^\d{13}$/;

/** A zone's minutes ahead of UTC; undefined where it is none. */
const offsetOf = (zone: string): number | undefined => {
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (hours === undefined) {
    const named = ZONES[zone.toLowerCase()];
    return named === undefined ? undefined : named * 60;
  }
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

interface Fields {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly hour?: string | undefined;
  readonly minute?: string | undefined;
  readonly second?: string | undefined;
  readonly fraction?: string | undefined;
  readonly zone?: string | undefined;
}

const pad = (number: number): string => String(number).padStart(2, '0');

/** Null for a day or time that there is not, such as 31 February. */
const momentOf = (fields: Fields): Moment | null => {
  const { year, month, day, hour, minute = '0', second = '0', fraction = '0', zone } = fields;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month, day);
  if (midnight.getUTCMonth() !== month || midnight.getUTCDate() !== day) return null;
  const date = `${String(year).padStart(4, '0')}-${pad(month + 1)}-${pad(day)}`;
  if (hour === undefined) return { kind: 'day', at: midnight.getTime(), written: date };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const at =
    midnight.getTime() +
    (Number(hour) * 60 + Number(minute)) * MINUTE +
    Number(second) * 1000 +
    Math.floor(Number(`0.${fraction}`) * 1000);
  if (zone === undefined)
    return { kind: 'local', at, written: `${date}T${hour}:${minute}:${pad(Number(second))}` };
  const offset = offsetOf(zone);
  return offset === undefined ? null : instantAt(at - offset * MINUTE);
};

const instantAt = (at: number): Moment | null => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : { kind: 'instant', at, written: date.toISOString() };
};

const ofDate = (found: RegExpExecArray): Moment | null => {
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  return momentOf({
    ...{ year: Number(year), month: Number(month) - 1, day: Number(day) },
    ...{ hour, minute, second, fraction, zone },
  });
};

const ofMail = ([
  ,
  day,
  name = '',
  year = '',
  hour,
  minute,
  second,
  zone,
]: RegExpExecArray): Moment | null => {
  const month = MONTHS.indexOf(name.toLowerCase());
  // RFC 2822 §4.3: two digits up to 49 are of this century.
  const century = year.length > 2 ? 0 : Number(year) < 50 ? 2000 : 1900;
  if (month === -1) return null;
  return momentOf({ year: century + Number(year), month, day: Number(day), hour, minute, second, zone });
};

/**
 * Reads ISO 8601, RFC 822, and epoch seconds and milliseconds. Null for everything else: “Release 7” and “2026” are no dates, whatever
 * `Date.parse` makes of them.
 */
export const readMoment = (value: unknown): Moment | null => {
  if (typeof value === 'number') return instantAt(Math.abs(value) < MILLISECONDS_FROM ? value * 1000 : value);
  const text = textOf(value).trim();
  if (SECONDS.test(text)) return instantAt(Number(text) * 1000);
  if (MILLISECONDS.test(text)) return instantAt(Number(text));
  const dated = ISO.exec(text) ?? BASIC.exec(text);
  if (dated !== null) return ofDate(dated);
  const mailed = RFC_822.exec(text);
  return mailed === null ? null : ofMail(mailed);
};

/** A time of day without a day, such as 14:30. */
export const readClock = (value: unknown): Moment | null => {
  const [written, hour = '', minute, second] = CLOCK.exec(textOf(value).trim()) ?? [];
  if (written === undefined) return null;
  const read = momentOf({ year: 1970, month: 0, day: 1, hour, minute, second });
  return read && { ...read, written: written.padStart(written.replace(/^\d+/, '').length + 2, '0') };
};

const DURATION =
  /^P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/;
/** Years and months are as long as they are on average. */
const IN_SECONDS = [31_557_600, 2_629_800, 604_800, 86_400, 3600, 60, 1];
const UNITS: Readonly<Record<string, number>> = {
  ...{ seconds: 1, s: 1, ms: 0.001, milliseconds: 0.001, minutes: 60, hours: 3600 },
};

/** How a number that is a duration counts, by the words that say so. */
export const isUnit = (word: unknown): word is string =>
  typeof word === 'string' && Object.hasOwn(UNITS, word);

/** A duration in seconds: a number in `unit`, or ISO 8601 such as PT1H30M. Null where there is none, or it is less than nothing. */
export const readDuration = (value: unknown, unit: string): number | null => {
  const text = textOf(value).trim();
  if (/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) {
    const seconds = Number(text) * (UNITS[unit] ?? 1);
    return Number.isFinite(seconds) ? seconds : null;
  }
  const found = DURATION.exec(text);
  if (found === null || /[PT]$/.test(text)) return null;
  const seconds = found.slice(1).reduce((sum, each, index) => {
    return sum + Number(each ?? 0) * (IN_SECONDS[index] ?? 0);
  }, 0);
  return Number.isFinite(seconds) ? seconds : null;
};
