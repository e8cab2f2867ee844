import { escapeHtml, html, textOf } from '../html.js';
import { name } from './texts.js';

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

/** Whom a model is for. */
export interface ForViewer {
  readonly locale?: unknown;
  readonly timeZone?: unknown;
}

/**
 * Whom the template that runs now is made for. Templates run in one go, so there is one at a time; macros, which know nothing of the
 * model, write for the same viewer as the template that calls them.
 */
export class ViewerLocale {
  locale = 'en';
  timeZone = 'UTC';

  within<T>({ locale, timeZone }: ForViewer, work: () => T): T {
    const { locale: localeBefore, timeZone: zoneBefore } = this;
    this.locale = textOf(locale) || 'en';
    this.timeZone = textOf(timeZone) || 'UTC';
    try {
      return work();
    } finally {
      this.locale = localeBefore;
      this.timeZone = zoneBefore;
    }
  }
}

/** So many locales and time zones are kept, and of each so many formatters as a view commonly uses. */
const KEPT = 200;
const OF_EACH = 8;

/** Formatters by what they are for, locale and time zone: making one costs more than a whole view. Falls back to English and UTC. */
export class Formatters {
  readonly #made = new Map<string, unknown>();
  readonly #most: number;

  /** Formatters of so many locales and time zones are kept. */
  constructor(locales = KEPT) {
    this.#most = locales * OF_EACH;
  }

  /** The formatter for this reader; `purpose` names what `make` makes. */
  get<F>(
    purpose: string,
    { locale, timeZone }: Pick<ViewerLocale, 'locale' | 'timeZone'>,
    make: (locale: string, timeZone: string) => F,
  ): F {
    const key = `${purpose}\n${locale}\n${timeZone}`;
    const found = this.#made.get(key);
    if (found !== undefined) return found as F;
    const fresh = attempt(make, locale, timeZone);
    if (this.#made.size >= this.#most) this.#made.clear();
    this.#made.set(key, fresh);
    return fresh;
  }
}

const attempt = <F>(make: (locale: string, timeZone: string) => F, locale: string, timeZone: string): F => {
  try {
    return make(locale, timeZone);
  } catch {
    // An unknown locale or time zone came from the host's page; the text is then merely in English.
    return make('en', 'UTC');
  }
};

const element = (datetime: string, words: string, attributes = ''): object =>
  html(`<time datetime="${escapeHtml(datetime)}"${attributes}>${escapeHtml(words)}</time>`);

/** A time span in the largest unit that says enough of it. */
const spanOf = (value: unknown): readonly [number, 'second' | 'minute' | 'hour'] => {
  const seconds = Math.max(1, Math.ceil(Number(textOf(value)) || 1));
  if (seconds < 90) return [seconds, 'second'];
  return seconds < 90 * 60 ? [Math.round(seconds / 60), 'minute'] : [Math.round(seconds / 3600), 'hour'];
};

const SPANS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;
type SpanUnit = (typeof SPANS)[number][0] | 'millisecond';

/** The largest unit of a duration, and the next one where it adds something. */
const piecesOf = (seconds: number): readonly (readonly [number, SpanUnit])[] => {
  if (seconds > 0 && seconds < 1) return [[Math.max(1, Math.round(seconds * 1000)), 'millisecond']];
  const first = SPANS.findIndex(([, size]) => seconds >= size);
  if (first === -1) return [[0, 'second']];
  const smallest = SPANS[Math.min(first + 1, SPANS.length - 1)]?.[1] ?? 1;
  let left = Math.round(seconds / smallest) * smallest;
  // What is rounded may be a whole one of the next larger unit.
  return SPANS.map(([unit, size]): readonly [number, SpanUnit] => {
    const count = Math.floor(left / size);
    left -= count * size;
    return [count, unit];
  }).filter(([count]) => count > 0);
};

const WIDTHS = ['long', 'short', 'narrow'] as const;
type Width = (typeof WIDTHS)[number];

const STYLES = {
  moment: { dateStyle: 'medium', timeStyle: 'short' },
  date: { dateStyle: 'medium' },
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  clock: { timeStyle: 'short' },
} as const;

/** Who reads a moment where: one without a zone is the same for everyone. */
const readIn = ({ kind }: Moment, { locale, timeZone }: Pick<ViewerLocale, 'locale' | 'timeZone'>) => ({
  locale,
  timeZone: kind === 'instant' ? timeZone : 'UTC',
});

/**
 * Filters that write for the viewer's locale and time zone. What is no time or number is shown as the text it is.
 * `time`: day and time, of an instant made relative by the frame's script; `age`: how long ago, by that script; `date`: a day with its year;
 * `day`: one with its weekday; `clock`: the time of day. `duration`: seconds (or in the unit that is named, or ISO 8601) in words, nothing where
 * there is none; `until`: the seconds from one time to another; `fromNow`: seconds, as “in 5 minutes”. `listed`: the items of a list, each in `element` where one is named.
 */
export const timeFilters = (viewer: ViewerLocale, formatters: Formatters) => {
  const units = (unit: SpanUnit, unitDisplay: Width): Intl.NumberFormat =>
    formatters.get(
      `${unit} ${unitDisplay}`,
      viewer,
      (locale) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }),
    );
  const inWords = (moment: Moment, style: keyof typeof STYLES, attributes?: string): object => {
    const formatter = formatters.get(style, readIn(moment, viewer), (locale, timeZone) => {
      return new Intl.DateTimeFormat(locale, { ...STYLES[style], timeZone });
    });
    return element(moment.written, formatter.format(new Date(moment.at)), attributes);
  };
  /** Made relative where it says when exactly it was. */
  const aged = (value: unknown, attributes: string): unknown => {
    const moment = readMoment(value);
    if (moment === null) return textOf(value);
    if (moment.kind === 'day') return inWords(moment, 'date');
    return inWords(moment, 'moment', moment.kind === 'instant' ? attributes : '');
  };
  return {
    time: (value: unknown): unknown => aged(value, ' data-oriel-age'),
    age: (value: unknown): unknown => aged(value, ' data-oriel-age="span"'),
    date(value: unknown): unknown {
      const moment = readMoment(value);
      return moment === null ? textOf(value) : inWords(moment, 'date');
    },
    day(value: unknown): unknown {
      const moment = readMoment(value);
      return moment === null ? textOf(value) : inWords(moment, 'day');
    },
    clock(value: unknown): unknown {
      const moment = readClock(value) ?? readMoment(value);
      return moment === null || moment.kind === 'day' ? textOf(value) : inWords(moment, 'clock');
    },
    duration(value: unknown, ...given: readonly unknown[]): string {
      const seconds = readDuration(value, given.find(isUnit) ?? 'seconds');
      if (seconds === null) return '';
      const width = WIDTHS.find((each) => given.includes(each)) ?? 'long';
      const pieces = piecesOf(seconds).map(([count, unit]) => units(unit, width).format(count));
      const joining = formatters.get(`joined ${width}`, viewer, (locale) => {
        return new Intl.ListFormat(locale, { type: 'unit', style: width });
      });
      return joining.format(pieces);
    },
    until(from: unknown, to: unknown): number | '' {
      const [start, end] = [readMoment(from), readMoment(to)];
      // A time without a zone is no span away from one that has it.
      return start === null || end === null || start.kind !== end.kind ? '' : (end.at - start.at) / 1000;
    },
    fromNow(value: unknown): string {
      const [count, unit] = spanOf(value);
      return formatters
        .get('relative', viewer, (locale) => new Intl.RelativeTimeFormat(locale))
        .format(count, unit);
    },
    listed(items: unknown, tag?: 'code'): object {
      const texts = Array.isArray(items) ? items.map(textOf) : [];
      const marked = formatters
        .get('list', viewer, (locale) => new Intl.ListFormat(locale))
        .formatToParts(texts);
      return html(
        marked
          .map(({ type, value }) => {
            if (type === 'literal') return escapeHtml(value);
            return tag === 'code' ? `<code>${name(value)}</code>` : String(name(value));
          })
          .join(''),
      );
    },
  };
};
