import { escapeHtml, html, textOf } from '../html.js';
import { isUnit, type Moment, readClock, readDuration, readMoment } from './moments.js';
import { name } from './texts.js';

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
