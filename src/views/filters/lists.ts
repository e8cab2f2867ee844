import { bareRecord } from '../../domain/data.js';
import { textOf } from '../html.js';
import { everyMatch, type Pattern } from '../patterns.js';
import { lookingForPattern } from '../step-budget.js';

type Fields = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Filters of lists; `looked` is called with how many steps they take for items, however deep, and may stop them by throwing. */
export const listFilters = (looked: (items: number) => void) => {
  /**
   * The items of what may be one, several or none: an XML element that occurs once is no list, and one marked `type="array"`
   * holds its items by their name.
   */
  const list = (value: unknown): readonly unknown[] => {
    if (value === undefined || value === null || value === '') return [];
    if (Array.isArray(value)) {
      looked(value.length);
      return value;
    }
    if (!isRecord(value) || value['@type'] !== 'array') return [value];
    const children = Object.entries(value).filter(([name]) => !name.startsWith('@') && name !== '#text');
    return children.flatMap(([, items]) => list(items));
  };

  const step = (value: unknown, key: string): readonly unknown[] =>
    list(value).flatMap((item) => (isRecord(item) && Object.hasOwn(item, key) ? list(item[key]) : []));

  const textsOf = (value: unknown): readonly string[] => list(value).map(textOf);

  /** Every item at a path of keys joined by dots, through lists on the way, as it is. */
  const items = (value: unknown, path: unknown): readonly unknown[] =>
    textOf(path).split('.').reduce(step, list(value));

  /** Every text at a path of keys joined by dots, through lists on the way: `links.title`. */
  const pluck = (value: unknown, path: unknown): readonly string[] => items(value, path).map(textOf);

  const having = (value: unknown, path: string, wanted: unknown, expected: boolean): readonly unknown[] => {
    const texts = new Set(textsOf(wanted));
    return list(value).filter((item) => pluck(item, path).some((text) => texts.has(text)) === expected);
  };

  /** The items that have this text, or one of these, somewhere at `path`. */
  const where = (value: unknown, path: string, wanted: unknown): readonly unknown[] =>
    having(value, path, wanted, true);

  /** The items that have none of these texts at `path`. */
  const except = (value: unknown, path: string, unwanted: unknown): readonly unknown[] =>
    having(value, path, unwanted, false);

  /** The texts of one list that are not in the other. */
  const minus = (value: unknown, other: unknown): readonly string[] => {
    const texts = new Set(textsOf(other));
    return textsOf(value).filter((text) => !texts.has(text));
  };

  /** The items in the order in which `texts` names them by what they have at `path`; what is not named is left out. */
  const inOrder = (value: unknown, path: string, texts: unknown): readonly unknown[] => {
    const named = new Map<string, unknown>();
    for (const item of list(value)) for (const text of pluck(item, path)) named.set(text, item);
    return [...new Set(textsOf(texts))].flatMap((text) => (named.has(text) ? [named.get(text)] : []));
  };

  /**
   * The items under each thing that `pattern`'s first group captures, each time it matches in their texts at `path`; an item with several
   * captures stands under each. Of each text the first `longest` characters are looked at. Order is kept. The answer is a record without prototype.
   */
  const grouped = (
    value: unknown,
    path: string,
    pattern: Pattern,
    longest?: number,
  ): Readonly<Record<string, readonly unknown[]>> => {
    const groups = bareRecord<unknown[]>();
    for (const item of list(value)) {
      const keys = pluck(item, path).flatMap((whole) => {
        const text = whole.slice(0, longest);
        looked(lookingForPattern(text));
        return everyMatch(pattern, text);
      });
      for (const key of new Set(keys)) {
        groups[key] ??= [];
        groups[key].push(item);
      }
    }
    return groups;
  };

  /** The list with one item more at its end, for lists that a view makes of what it computes. */
  const append = (value: unknown, item: unknown): readonly unknown[] => [...list(value), item];

  /** The first `count` items. */
  const take = (value: unknown, count: number): readonly unknown[] => list(value).slice(0, count);

  return { list, items, pluck, where, except, minus, inOrder, grouped, take, append };
};
