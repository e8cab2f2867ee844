import { escapeHtml, html, textOf } from '../html.js';

/** What nunjucks gives a filter as `this`: the model under `ctx`. Macros imported without context have none. */
interface FilterContext {
  readonly ctx?: { readonly locale?: unknown; readonly timeZone?: unknown };
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
): ((context: FilterContext) => F) => {
  const made = new Map<string, F>();
  const attempt = (locale: string, timeZone: string): F => {
    try {
      return make(locale, timeZone);
    } catch {
      // An unknown locale or time zone came from the host's page; the text is then merely in English.
      return make('en', 'UTC');
    }
  };
  return ({ ctx }) => {
    const locale = textOf(ctx?.locale) || 'en';
    const timeZone = textOf(ctx?.timeZone) || 'UTC';
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

const inWords = (seconds: number): string => {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
};

/**
 * Filters that write for the viewer's locale and time zone (the model's `locale` and `timeZone`). What is no time or number
 * is shown as the text it is.
 * `time`: an instant (ISO 8601, or epoch milliseconds), made relative by the frame's script. `date`: a day; a day without a
 * time is the same everywhere. `number`: digits grouped. `duration`: seconds, in words.
 */
export const timeFilters = (kept = KEPT) => {
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
  return {
    time(this: FilterContext, value: unknown): unknown {
      const date = instant(value);
      if (date === null) return textOf(value);
      return element(date.toISOString(), moments(this).format(date), ' data-oriel-age');
    },
    date(this: FilterContext, value: unknown): unknown {
      const date = instant(value);
      if (date === null) return textOf(value);
      const day = DATE_ONLY.test(textOf(value).trim());
      const formatter = day ? days({ ctx: { ...this.ctx, timeZone: 'UTC' } }) : days(this);
      return element(day ? textOf(value).trim() : date.toISOString(), formatter.format(date));
    },
    number(this: FilterContext, value: unknown): string {
      const text = textOf(value).trim();
      return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? numbers(this).format(Number(text)) : textOf(value);
    },
    duration: (value: unknown): string => inWords(Math.max(1, Math.ceil(Number(textOf(value)) || 1))),
  };
};
