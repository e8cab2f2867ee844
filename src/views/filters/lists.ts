import { textOf } from '../html.js';

/** An XML element that occurs once is no list; this makes one of it, and an empty one of nothing. */
export const list = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
};

const step = (value: unknown, key: string): readonly unknown[] =>
  list(value).flatMap((item) =>
    typeof item === 'object' && item !== null && Object.hasOwn(item, key)
      ? list((item as Record<string, unknown>)[key])
      : [],
  );

const at = (value: unknown, path: string): readonly unknown[] => path.split('.').reduce(step, list(value));

/** Every text at a path of keys joined by dots, through lists on the way: `link.@title`. */
export const pluck = (value: unknown, path: string): readonly string[] => at(value, path).map(textOf);

/** The items that have this text somewhere at `path`. */
export const where = (value: unknown, path: string, wanted: unknown): readonly unknown[] => {
  const text = textOf(wanted);
  return list(value).filter((item) => pluck(item, path).includes(text));
};

/**
 * The items under each thing that `pattern`'s first group captures in their texts at `path`; an item with several captures
 * stands under each. Order is kept. The answer is a record without prototype.
 */
export const grouped = (
  value: unknown,
  path: string,
  pattern: RegExp,
): Readonly<Record<string, readonly unknown[]>> => {
  const groups: Record<string, unknown[]> = Object.create(null);
  for (const item of list(value)) {
    const keys = pluck(item, path).map((text) => new RegExp(pattern).exec(text)?.[1]);
    for (const key of new Set(keys)) {
      if (key === undefined) continue;
      groups[key] ??= [];
      groups[key].push(item);
    }
  }
  return groups;
};

/** The first `count` items. */
export const take = (value: unknown, count: number): readonly unknown[] => list(value).slice(0, count);
