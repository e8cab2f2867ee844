import { textOf } from '../html.js';
import type { Formatters, ViewerLocale } from './times.js';

const NUMBER = /^-?\d{1,15}(\.\d{1,20})?$/;
const MOST_DECIMALS = 20;
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** A number as it is written, without its kind; null for what is none. */
const numberIn = (value: unknown): number | null => {
  const text = textOf(value).trim();
  return NUMBER.test(text) ? Number(text) : null;
};

/**
 * Filters that write numbers for the viewer's locale; what is none is shown as the text it is. `number`: digits grouped; with a number, so many
 * decimals at most; `number("percent")` of a share, `number("compact")` as 12K. `bytes`: a size in the unit that suits it.
 */
export const numberFilters = (viewer: ViewerLocale, formatters: Formatters) => {
  const written = (number: number, purpose: string, options: Intl.NumberFormatOptions): string =>
    formatters.get(purpose, viewer, (locale) => new Intl.NumberFormat(locale, options)).format(number);
  const plainly = (number: number, decimals: unknown): string => {
    const most = typeof decimals === 'number' && decimals >= 0 && decimals <= MOST_DECIMALS;
    const maximumFractionDigits = most ? Math.floor(decimals) : MOST_DECIMALS;
    return written(number, `number ${maximumFractionDigits}`, { maximumFractionDigits });
  };
  return {
    number(value: unknown, how?: unknown): string {
      const number = numberIn(value);
      if (number === null) return textOf(value);
      if (how === 'percent') return written(number, how, { style: 'percent', maximumFractionDigits: 1 });
      if (how === 'compact') return written(number, how, { notation: 'compact', maximumFractionDigits: 1 });
      return plainly(number, how);
    },
    bytes(value: unknown): string {
      const number = numberIn(value);
      if (number === null) return textOf(value);
      const power = Math.floor(Math.log10(Math.max(1, Math.abs(number))) / 3);
      const index = Math.min(power, SIZES.length - 1);
      const unit = SIZES[index] ?? 'byte';
      return written(number / 1000 ** index, unit, {
        ...{ style: 'unit', unit, unitDisplay: 'short' },
        maximumFractionDigits: index === 0 ? 0 : 1,
      });
    },
  };
};
