import { bareRecord } from '../../domain/data.js';
import { textOf } from '../html.js';
import { everyMatch, isMatch, isPattern } from '../patterns.js';
import { lookingForPattern } from '../step-budget.js';
import { isRecord, type listFilters } from './lists.js';
import { type Formatters, readMoment, type ViewerLocale } from './times.js';

/** A number that a text is all of; null for any other text. */
const numberOf = (text: string): number | null =>
  /^-?\d{1,15}(\.\d{1,20})?$/.test(text.trim()) ? Number(text) : null;

type Order = (one: string, other: string) => number;

const COMPARISONS = {
  '=': (order: number) => order === 0,
  '!=': (order: number) => order !== 0,
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
} as const;

const isComparison = (word: unknown): word is keyof typeof COMPARISONS =>
  typeof word === 'string' && Object.hasOwn(COMPARISONS, word);

/** What is neither absent, false, zero, nor empty. */
const isSomething = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : Boolean(value) && value !== 'false';

/** The value at a path of keys joined by dots, as it is; in a list by position, from the end with a minus. */
const at = (value: unknown, path: unknown): unknown =>
  textOf(path)
    .split('.')
    .reduce<unknown>((holder, key) => {
      if (Array.isArray(holder)) return /^-?\d{1,9}$/.test(key) ? holder.at(Number(key)) : undefined;
      return isRecord(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
    }, value);

interface SortKey {
  readonly path: string;
  /** -1 where the largest comes first. */
  readonly way: 1 | -1;
}

const sortKeyOf = (path: unknown): SortKey => {
  const text = textOf(path);
  return text.startsWith('-') ? { path: text.slice(1), way: -1 } : { path: text, way: 1 };
};

/** What has no text comes last, whichever way. */
const orderOf = (compare: Order, way: 1 | -1, one: string | undefined, other: string | undefined): number => {
  if (one === undefined) return other === undefined ? 0 : 1;
  return other === undefined ? -1 : compare(one, other) * way;
};

/** Filters that look for items of lists and put them in order: by numbers where both are numbers, otherwise as the viewer's language does. */
export const selectionFilters = (
  { list, pluck }: Pick<ReturnType<typeof listFilters>, 'list' | 'pluck'>,
  looked: (steps: number) => void,
  viewer: Pick<ViewerLocale, 'locale' | 'timeZone'>,
  formatters: Formatters,
) => {
  const textsOf = (value: unknown): readonly string[] => list(value).map(textOf);
  const firstAt = (item: unknown, path: string): string | undefined =>
    path === '' ? textOf(item) : pluck(item, path)[0];

  /** A text that a pattern is looked for in. */
  const counted = (text: string): string => {
    looked(lookingForPattern(text));
    return text;
  };

  const ordering = (): Order => {
    const { compare } = formatters.get('order', viewer, (locale) => {
      return new Intl.Collator(locale, { numeric: true });
    });
    return (one, other) => {
      const [first, second] = [numberOf(one), numberOf(other)];
      return first === null || second === null ? compare(one, other) : first - second;
    };
  };

  return {
    at,
    /** The items in the order of their texts at these paths; `-path` the other way round. */
    sortBy(value: unknown, ...paths: readonly unknown[]): readonly unknown[] {
      const compare = ordering();
      const keys = (paths.length === 0 ? [''] : paths).map(sortKeyOf);
      const items = list(value).map((item) => ({
        item,
        texts: keys.map(({ path }) => firstAt(item, path)),
      }));
      const order = (
        one: readonly (string | undefined)[],
        other: readonly (string | undefined)[],
      ): number => {
        for (const [index, { way }] of keys.entries()) {
          const found = orderOf(compare, way, one[index], other[index]);
          if (found !== 0) return found;
        }
        return 0;
      };
      return items.sort((one, other) => order(one.texts, other.texts)).map(({ item }) => item);
    },
    /** The items without those that have the text of an earlier one, their own or at a path. */
    unique(value: unknown, path = ''): readonly unknown[] {
      const found = new Map<unknown, unknown>();
      for (const item of list(value)) {
        const isOwnKey = path === '' && isRecord(item) && textOf(item) === '';
        const key = isOwnKey ? item : (firstAt(item, path) ?? item);
        if (!found.has(key)) found.set(key, item);
      }
      return [...found.values()];
    },
    /** The first item under each text at a path: a record without prototype, to look things up in. */
    index(value: unknown, path: string): Readonly<Record<string, unknown>> {
      const found = bareRecord<unknown>();
      for (const item of list(value)) for (const text of pluck(item, path)) found[text] ??= item;
      return found;
    },
    /**
     * The items of which a text at a path matches a pattern, or compares with a value (`=`, `!=`, `<`, `<=`, `>`, `>=`); with a path alone those that
     * have anything there.
     */
    whose(value: unknown, path: string, test?: unknown, wanted?: unknown): readonly unknown[] {
      const items = list(value);
      if (isPattern(test))
        return items.filter((item) => pluck(item, path).some((text) => isMatch(test, counted(text))));
      if (test === undefined) return items.filter((item) => isSomething(at(item, path)));
      if (!isComparison(test))
        throw new Error(`whose("${path}", …) takes a pattern, or one of = != < <= > >= and a value`);
      const [compare, holds, other] = [ordering(), COMPARISONS[test], textOf(wanted)];
      return items.filter((item) => {
        const text = firstAt(item, path);
        return text === undefined ? test === '!=' : holds(compare(text, other));
      });
    },
    /** The sum of the numbers of a list, or of those at a path; what is no number adds nothing. It starts at `start`. */
    sum(value: unknown, path?: unknown, start: unknown = 0): number {
      const texts = typeof path === 'string' ? pluck(value, path) : textsOf(value);
      return texts.reduce((total, text) => total + (numberOf(text) ?? 0), numberOf(textOf(start)) ?? 0);
    },
    /** Every first group of a pattern, or every match where it has none, in the first `longest` characters of a text or the texts of a list. */
    matches(value: unknown, pattern: unknown, longest?: number): readonly string[] {
      if (!isPattern(pattern)) throw new Error('matches(…) takes a pattern such as r/#(\\d+)/');
      return textsOf(value).flatMap((text) => everyMatch(pattern, counted(text.slice(0, longest))));
    },
  };
};

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
