import { escapeHtml, html, textOf } from '../html.js';
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

const DATE_ONLY = /^\d{4}-\d{2}-\d{2}$/;
const KEPT = 200;

const instant = (value: unknown): Date | null => {
  const text = textOf(value).trim();
  if (text === '') return null;
  const date = new Date(typeof value === 'number' ? value : text);
  return Number.isNaN(date.getTime()) ? null : date;
};

/** Formatters by locale and time zone: making one costs more than a whole view. Falls back to English and UTC. */
const formatters = <F>(
  kept: number,
  make: (locale: string, timeZone: string) => F,
): ((viewer: Pick<ViewerLocale, 'locale' | 'timeZone'>) => F) => {
  const made = new Map<string, F>();
  const attempt = (locale: string, timeZone: string): F => {
    try {
      return make(locale, timeZone);
    } catch {
      // An unknown locale or time zone came from the host's page; the text is then merely in English.
      return make('en', 'UTC');
    }
  };
  return ({ locale, timeZone }) => {
    const key = `${locale}\n${timeZone}`;
    const found = made.get(key);
    if (found !== undefined) return found;
    const fresh = attempt(locale, timeZone);
    if (made.size >= kept) made.clear();
    made.set(key, fresh);
    return fresh;
  };
};

const element = (datetime: string, words: string, attributes = ''): object =>
  html(`<time datetime="${escapeHtml(datetime)}"${attributes}>${escapeHtml(words)}</time>`);

/** A time span in the largest unit that says enough of it. */
const spanOf = (value: unknown): readonly [number, 'second' | 'minute' | 'hour'] => {
  const seconds = Math.max(1, Math.ceil(Number(textOf(value)) || 1));
  if (seconds < 90) return [seconds, 'second'];
  return seconds < 90 * 60 ? [Math.round(seconds / 60), 'minute'] : [Math.round(seconds / 3600), 'hour'];
};

/**
 * Filters that write for the viewer's locale and time zone. What is no time or number is shown as the text it is.
 * `time`: an instant (ISO 8601, or epoch milliseconds), made relative by the frame's script. `date`: a day; a day without a
 * time is the same everywhere. `number`: digits grouped. `duration`: seconds, in words; `fromNow`: seconds, as “in 5 minutes”.
 * `listed`: the items of a list, each in `element` where one is named.
 */
export const timeFilters = (viewer: ViewerLocale, kept = KEPT) => {
  const moments = formatters(
    kept,
    (locale, timeZone) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone }),
  );
  const days = formatters(
    kept,
    (locale, timeZone) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }),
  );
  const numbers = formatters(kept, (locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 20 }));
  const relative = formatters(kept, (locale) => new Intl.RelativeTimeFormat(locale));
  const lists = formatters(kept, (locale) => new Intl.ListFormat(locale));
  const unitOf = (unit: 'second' | 'minute' | 'hour') =>
    formatters(kept, (locale) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }));
  const units = { second: unitOf('second'), minute: unitOf('minute'), hour: unitOf('hour') };
  return {
    time(value: unknown): unknown {
      const date = instant(value);
      if (date === null) return textOf(value);
      return element(date.toISOString(), moments(viewer).format(date), ' data-oriel-age');
    },
    date(value: unknown): unknown {
      const date = instant(value);
      if (date === null) return textOf(value);
      const day = DATE_ONLY.test(textOf(value).trim());
      const formatter = days(day ? { locale: viewer.locale, timeZone: 'UTC' } : viewer);
      return element(day ? textOf(value).trim() : date.toISOString(), formatter.format(date));
    },
    number(value: unknown): string {
      const text = textOf(value).trim();
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? numbers(viewer).format(Number(text)) : textOf(value);
    },
    duration(value: unknown): string {
      const [count, unit] = spanOf(value);
      return units[unit](viewer).format(count);
    },
    fromNow(value: unknown): string {
      const [count, unit] = spanOf(value);
      return relative(viewer).format(count, unit);
    },
    listed(items: unknown, tag?: 'code'): object {
      const texts = Array.isArray(items) ? items.map(textOf) : [];
      const marked = lists(viewer).formatToParts(texts);
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
